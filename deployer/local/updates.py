"""Carries out updates of items whose expressions are known.

A function sends the same few update and condition expressions with other values each time. The engine
reads them anew, and copies the item several times. Here, an expression becomes a plan once the engine
itself has carried it out; a plan does what is good and plain, and leaves all else (a condition that
does not hold, a value that needs a closer look, an answer that says more) to the engine, which has
seen nothing of it yet.
"""

import copy
import decimal
import functools

# Plans that are kept, and numbers.
PLANS = 1024
NUMBERS = 4096

# Weight of the values of a request, and of an item, up to which no limit of DynamoDB is near (400 KB).
LIGHT = 300_000

# Levels of lists and maps in a value; DynamoDB takes 32.
LEVELS = 20

# What a request may hold; more changes the answer.
MEMBERS = {
    "TableName", "Key", "UpdateExpression", "ConditionExpression", "ExpressionAttributeNames",
    "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure",
}

SCALARS = frozenset(("S", "N", "B", "BOOL", "NULL"))

COMPARISONS = ("EQ", "NE", "LT", "LE", "GT", "GE")


class Unplain(Exception):
    """Something that is left to the engine."""


class Plan:
    """What the expressions of a request ask for; functions of the item as it was, and of the values."""

    def __init__(self, dynamodb, request):
        self._dynamodb = dynamodb
        self._names = request.get("ExpressionAttributeNames") or {}
        values = request.get("ExpressionAttributeValues") or {}
        self.values = frozenset(values)
        self.kinds = {}
        self.uses = 1
        self.holds = self._condition(request.get("ConditionExpression"))
        self.sets, self.removes = [], []
        self._read_update(request["UpdateExpression"])
        self.targets = {name for name, _ in self.sets} | set(self.removes)
        self.kinds = {name: kind_of(values.get(name)) for name in self.kinds}

    # Reading. A token is a pair of kind and text.

    def _begin(self, expression):
        self._tokens = self._dynamodb._tokenize(expression)
        self._place = 0

    def _is(self, kind, word=None):
        found, text = self._tokens[self._place] if self._place < len(self._tokens) else ("EOF", "")
        return found == kind and (word is None or text.upper() == word)

    def _take(self, kind, word=None):
        if not self._is(kind, word):
            raise Unplain
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _took(self, kind, word=None):
        found = self._is(kind, word)
        self._place += found
        return found

    def _name(self):
        """Reads an attribute; a path into one is left to the engine."""
        name = self._names[self._take("NAME_REF")] if self._is("NAME_REF") else self._take("IDENT")
        if self._is("DOT") or self._is("LBRACKET") or self._is("LPAREN"):
            raise Unplain
        return name

    def _condition(self, expression):
        if expression is None:
            return lambda item, values: True
        self._begin(expression)
        holds = self._any()
        self._end()
        return holds

    def _end(self):
        if self._place < len(self._tokens) and not self._is("EOF"):
            raise Unplain

    def _any(self):
        left = self._all()
        while self._took("IDENT", "OR"):
            left = either(left, self._all())
        return left

    def _all(self):
        left = self._not()
        while self._took("IDENT", "AND"):
            left = both(left, self._not())
        return left

    def _not(self):
        if self._took("IDENT", "NOT"):
            holds = self._not()
            return lambda item, values: not holds(item, values)
        return self._statement()

    def _statement(self):
        if self._took("LPAREN"):
            holds = self._any()
            self._take("RPAREN")
            return holds
        for word, is_wanted in (("ATTRIBUTE_EXISTS", True), ("ATTRIBUTE_NOT_EXISTS", False)):
            if self._took("IDENT", word):
                self._take("LPAREN")
                name = self._name()
                self._take("RPAREN")
                return lambda item, values: (name in item) is is_wanted
        return self._comparison()

    def _comparison(self):
        left = self._operand(is_typed=True)
        sign = self._take(next(filter(self._is, COMPARISONS), "EQ"))
        right = self._operand(is_typed=True)
        compare = self._dynamodb._compare_ddb
        return lambda item, values: compare(left(item, values), sign, right(item, values))

    def _operand(self, is_typed=False):
        """Reads a value or an attribute. A typed value is of the same type each time."""
        if self._is("VALUE_REF"):
            value = self._take("VALUE_REF")
            self.uses += 1
            if is_typed:
                self.kinds[value] = None
            return lambda item, values: values[value]
        name = self._name()
        return lambda item, values: of_its_own(item.get(name))

    def _read_update(self, expression):
        self._begin(expression)
        clauses = set()
        while not (self._place >= len(self._tokens) or self._is("EOF")):
            clause = self._take("IDENT").upper()
            if clause in clauses or clause not in ("SET", "REMOVE"):
                raise Unplain
            clauses.add(clause)
            self._read_actions(clause)

    def _read_actions(self, clause):
        while True:
            name = self._name()
            if clause == "SET":
                self._take("EQ")
                self.sets.append((name, self._sum()))
            else:
                self.removes.append(name)
            if not self._took("COMMA"):
                return

    def _sum(self):
        begin, left = self._place, self._term()
        sign = 1 if self._took("PLUS") else -1 if self._took("MINUS") else 0
        if not sign:
            return left
        right = self._term()
        self.kinds |= {text: None for kind, text in self._tokens[begin : self._place] if kind == "VALUE_REF"}
        canonical = self._dynamodb._ddb_canonicalize_number
        return lambda item, values: added(canonical, left(item, values), right(item, values), sign)

    def _term(self):
        if not self._took("IDENT", "IF_NOT_EXISTS"):
            return self._operand()
        self._take("LPAREN")
        name = self._name()
        self._take("COMMA")
        default = self._operand(is_typed=True)
        self._take("RPAREN")
        return lambda item, values: of_its_own(item[name]) if name in item else default(item, values)


def kind_of(value):
    """Returns the type of a value."""
    if type(value) is not dict or len(value) != 1:
        raise Unplain
    return next(iter(value))


def either(one, other):
    """Returns whether one of two conditions holds."""
    return lambda item, values: one(item, values) or other(item, values)


def both(one, other):
    """Returns whether two conditions hold."""
    return lambda item, values: one(item, values) and other(item, values)


def of_its_own(value):
    """Returns a value that can be a second attribute's too: what is changed within one is not in the other."""
    return copy.deepcopy(value) if value and SCALARS.isdisjoint(value) else value and dict(value)


def added(canonical, left, right, sign):
    """Returns the sum of two numbers, or their difference; None when that is not plain."""
    if not left or not right or "N" not in left or "N" not in right:
        return None
    one, other = decimal.Decimal(left["N"]), decimal.Decimal(right["N"])
    number = canonical(str(one + other if sign > 0 else one - other))
    return None if number is None else {"N": number}


class Updates:
    """Carries out UpdateItem: by a plan if there is one and it fits, or else by the engine."""

    def __init__(self, dynamodb):
        self._dynamodb = dynamodb
        self._carry_out = dynamodb._update_item
        self._done = dynamodb.json_response({})
        self._plans = {}
        self._canonical = functools.lru_cache(maxsize=NUMBERS)(self._read_number)
        dynamodb._update_item = self.update

    def update(self, request):
        """Takes a request and returns status, headers and body."""
        key = key_of(request)
        if key is None:
            return self._carry_out(request)
        plan = self._plans.get(key)
        if plan and self._is_done(plan, request):
            status, headers, body = self._done
            return status, dict(headers), body
        answer = self._carry_out(request)
        if plan is None and answer[0] == 200:
            self._keep(key, request)
        return answer

    def _keep(self, key, request):
        if len(self._plans) >= PLANS:
            self._plans.clear()
        try:
            self._plans[key] = Plan(self._dynamodb, request)
        except (Unplain, KeyError):
            self._plans[key] = False

    def _is_done(self, plan, request):
        """Carries out a plan; False when it is left to the engine, with nothing changed."""
        dynamodb = self._dynamodb
        table = dynamodb._tables.get(request["TableName"])
        values = request.get("ExpressionAttributeValues") or {}
        numbers = []
        weight = self._weight_of(plan, values, numbers)
        if not table or weight is None or not plan.targets.isdisjoint((table["pk_name"], table["sk_name"])):
            return False
        key = request.get("Key")
        partition, sort, error = dynamodb._resolve_table_key_values(table, key, allow_extra=False)
        if error or not all(map(self._is_plain_key, key.values())):
            return False
        existing = table["items"].get(partition, {}).get(sort)
        if existing and dynamodb._item_size_bytes(existing) + weight > LIGHT:
            return False
        if not plan.holds(existing or {}, values):
            return False
        item = changed(plan, existing or key, values)
        if item is None or not has_plain_keys(table, item):
            return False
        for value, number in numbers:
            value["N"] = number
        dynamodb._set_item(table, partition, sort, item)
        dynamodb._emit_stream_event(request["TableName"], "MODIFY" if existing else "INSERT", existing, item)
        return True

    def _is_plain_key(self, value):
        """Says whether the value of a key, which is of the right type, is as the engine would store it."""
        ((kind, content),) = value.items()
        return type(content) is str and (kind == "S" or kind == "N" and self._canonical(content) == content)

    def _weight_of(self, plan, values, numbers):
        """Returns what the values weigh, each as often as it is used at most; None when they are not plain."""
        if values.keys() != plan.values:
            return None
        total = 0
        for value in values.values():
            weight = self._weight(value, numbers)
            if weight is None:
                return None
            total += weight
        if any(kind not in values[name] for name, kind in plan.kinds.items()):
            return None
        total = total * plan.uses + 200 * len(plan.targets)
        return total if total <= LIGHT else None

    def _weight(self, value, numbers, level=0):
        """Returns no less than the bytes of a value; None when it needs a closer look.

        A number that is stored otherwise than it is written is added to `numbers`.
        """
        if type(value) is not dict or len(value) != 1 or level > LEVELS:
            return None
        ((kind, content),) = value.items()
        if kind == "S":
            return 4 * len(content) + 8 if type(content) is str else None
        if kind == "N":
            return self._weight_of_number(value, content, numbers)
        if kind == "BOOL":
            return 8 if content is True or content is False else None
        if kind == "NULL":
            return 8 if content is True else None
        if kind == "M" and type(content) is dict:
            names, members = sum(map(len, content)), content.values()
        elif kind == "L" and type(content) is list:
            names, members = 0, content
        else:
            return None
        total = 4 * names + 8
        for member in members:
            weight = self._weight(member, numbers, level + 1)
            if weight is None:
                return None
            total += weight
        return total

    def _weight_of_number(self, value, text, numbers):
        if type(text) is not str or not 0 < len(text) <= 200:
            return None
        if text[0] == "0" or len(text) > 38 or not (text.isascii() and text.isdigit()):
            canonical = self._canonical(text)
            if canonical is None:
                return None
            if canonical != text:
                numbers.append((value, canonical))
        return 200

    def _read_number(self, text):
        """Returns a number as it is stored; None when DynamoDB does not take it."""
        if self._dynamodb._number_error(text):
            return None
        return self._dynamodb._ddb_canonicalize_number(text)


def key_of(request):
    """Returns what a request has in common with others of its kind; None when it is not plain."""
    names = request.get("ExpressionAttributeNames")
    update, condition = request.get("UpdateExpression"), request.get("ConditionExpression")
    is_plain = (
        request.keys() <= MEMBERS
        and type(request.get("TableName")) is str
        and type(update) is str
        and (condition is None or type(condition) is str)
        and (names is None or type(names) is dict and names)
    )
    # A name may be anything in a bad request.
    if not is_plain or names and not all(type(name) is str for name in names.values()):
        return None
    values = request.get("ExpressionAttributeValues")
    if values is not None and (type(values) is not dict or not values):
        return None
    return update, condition, frozenset(names.items()) if names else None


def has_plain_keys(table, item):
    """Says whether the attributes that are keys of the table and of indexes are of their types, and not empty."""
    return not table.get("VectorIndexes") and all(
        item[key["AttributeName"]].get(key["AttributeType"])
        for key in table.get("AttributeDefinitions") or ()
        if key["AttributeName"] in item
    )


def changed(plan, item, values):
    """Returns an item as the plan leaves it; None when that is left to the engine."""
    result = dict(item)
    for name, value_of in plan.sets:
        value = value_of(item, values)
        if value is None:
            return None
        result[name] = value
    for name in plan.removes:
        result.pop(name, None)
    return result
