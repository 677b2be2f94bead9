"""Makes the resources of a template as CloudFormation does, where the engine makes them otherwise."""


def refuse_existing_table(create, engine):
    """Fails the creation of a table under a name that exists: one that an earlier stack retained."""

    def create_new(logical_id, properties, stack_name):
        name = properties.get("TableName")
        if name and name in engine.dynamodb._tables:
            kind = "AWS::DynamoDB::Table"
            raise ValueError(f"Resource of type '{kind}' with identifier '{name}' already exists.")
        return create(logical_id, properties, stack_name)

    return create_new


def with_cors(properties):
    """Returns an API's properties with the CORS configuration under the names that the API reads."""
    cors = properties.get("CorsConfiguration")
    if not cors:
        return properties
    return properties | {"CorsConfiguration": {key[:1].lower() + key[1:]: cors[key] for key in cors}}


def create_with_cors(create, engine):
    """Creates an API that answers preflight requests."""
    return lambda logical_id, properties, *rest: create(logical_id, with_cors(properties), *rest)


def update_with_cors(update, engine):
    """Updates an API that answers preflight requests."""
    return lambda physical_id, old, new, *rest: update(physical_id, with_cors(old), with_cors(new), *rest)


def reserve(engine, name, properties):
    """Sets the concurrency that a template reserves for a function."""
    reserved = properties.get("ReservedConcurrentExecutions")
    engine.functions._functions[name]["concurrency"] = None if reserved is None else int(reserved)


def create_reserving(create, engine):
    """Creates a function with its reserved concurrency."""

    def create_function(logical_id, properties, stack_name):
        result = create(logical_id, properties, stack_name)
        reserve(engine, result[0], properties)
        return result

    return create_function


def update_reserving(update, engine):
    """Updates a function with its reserved concurrency."""

    def update_function(physical_id, old, properties, *rest):
        result = update(physical_id, old, properties, *rest)
        reserve(engine, result[0] if isinstance(result, tuple) else physical_id, properties)
        return result

    return update_function
