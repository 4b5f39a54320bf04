"""Routes are named "METHOD /path/{part}"; what a part is called does not matter."""

import re


def same_route(one, other):
    return route_key(one) == route_key(other)


def route_key(route):
    return re.sub(r"\{\w*\}", "{}", route)
