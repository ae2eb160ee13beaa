import json

import pytest

from core.embedded.errors import ApiError
from core.embedded.formats import read_format


def schema(**properties):
    required = properties.pop("required", list(properties))
    body = {"type": "object", "properties": properties, "required": required}
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": body}}


def test_an_enum_under_any_name_gives_the_labels_and_the_shape():
    shape = read_format(schema(category={"type": "string", "enum": ['a "b"', "c"]}))
    assert [choice.name for choice in shape.choices] == ['a "b"', "c"]
    assert json.loads("".join(shape.render('a "b"'))) == {"category": 'a "b"'}


@pytest.mark.parametrize("key", ["anyOf", "oneOf"])
def test_constants_bring_their_descriptions(key):
    options = [{"const": "a", "description": "first"}, {"const": "b"}]
    shape = read_format(schema(label={key: options}))
    assert [(choice.name, choice.description) for choice in shape.choices] == [("a", "first"), ("b", "")]


def test_a_reference_is_followed():
    given = schema(label={"$ref": "#/$defs/L"})
    given["json_schema"]["schema"]["$defs"] = {"L": {"enum": ["a", "b"]}}
    assert [choice.name for choice in read_format(given).choices] == ["a", "b"]


def test_numbers_are_answered_as_numbers():
    assert json.loads("".join(read_format(schema(stars={"enum": [1, 2]})).render("2"))) == {"stars": 2}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (schema(label={"enum": ["a", "b"]}, why={"type": "string"}), "'why'"),
        (schema(a={"enum": ["x"]}, b={"enum": ["y"]}), "several properties"),
        (schema(a={"type": "integer"}), "no property"),
        (schema(a={"enum": ["x", "x"]}), "distinct"),
        (schema(a={"$ref": "#/nowhere"}), "points to nothing"),
        ({"type": "grammar"}, "must be text, json_object or json_schema"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(given, message):
    with pytest.raises(ApiError, match=message) as caught:
        read_format(given)
    assert caught.value.status == 400 and caught.value.param.startswith("response_format")


def test_plain_and_json_object_answers():
    assert "".join(read_format(None).render("A")) == "A"
    assert json.loads("".join(read_format({"type": "json_object"}).render("A"))) == {"label": "A"}
