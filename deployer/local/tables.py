"""Reads the expressions of requests to tables once.

A function sends the same few expressions with other values each time; the engine takes each apart
anew.
"""

import functools

# Expressions that are kept.
EXPRESSIONS = 1024


def read_expressions_once(dynamodb):
    """Keeps what an expression consists of, and whether it is well formed."""
    tokens = functools.lru_cache(maxsize=EXPRESSIONS)(dynamodb._tokenize)

    def tokenize(expression):
        # The evaluator takes tokens off its list.
        return list(tokens(expression))

    dynamodb._tokenize = tokenize
    dynamodb._condition_syntax_error = functools.lru_cache(maxsize=EXPRESSIONS)(
        dynamodb._condition_syntax_error
    )
