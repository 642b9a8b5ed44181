"""The form's fields (申报表, columns 1 to 10; contract, form.*)."""

import pytest

from rules.completeness import form_problems
from tests.rules.examples import form, real_notice


def codes(filled):
    return [f"{each.code}:{each.field}" if each.field else each.code for each in form_problems(filled, real_notice())]


def test_a_faultless_form_has_no_problems():
    assert codes(form()) == []


@pytest.mark.parametrize("key", ["unit_name", "postal_address", "contact_name", "email", "introduction", "evaluation_capability"])
def test_each_required_field_is_asked_for_by_its_label(key):
    (found,) = form_problems(form(**{key: " \n"}), real_notice())
    assert (found.code, found.field) == ("form.field_missing", key)
    assert real_notice().field(key).label in found.message


def test_the_fields_of_industry_are_required():
    assert codes(form(industries=())) == ["form.field_missing:industries"]


@pytest.mark.parametrize("key", ["contact_position", "unit_opinion", "recommendation"])
def test_what_is_not_required_may_stay_empty(key):
    assert codes(form(**{key: ""})) == []


def test_telephone_or_mobile_is_enough():
    assert codes(form(contact_phone="")) == []
    assert codes(form(contact_mobile="")) == []
    assert codes(form(contact_phone="", contact_mobile="")) == ["form.field_missing:contact_phone"]


def test_numbers_typed_in_each_others_field_are_fine():
    assert codes(form(contact_phone="13500909960", contact_mobile="010-51860913")) == []
    assert codes(form(contact_phone="无", contact_mobile="010-51860913")) == []


def test_no_number_at_all_is_only_a_warning():
    assert codes(form(contact_phone="无", contact_mobile="同上")) == ["form.phone_invalid"]


@pytest.mark.parametrize("email", ["a@b.cn", "a@b.cn、c@d.cn", "联系：a@b.cn", "无、c@d.com"])
def test_one_address_that_works_is_enough(email):
    assert codes(form(email=email)) == []


@pytest.mark.parametrize("email", ["没有", "a@", "13500909960"])
def test_an_address_that_cannot_work_is_named(email):
    (found,) = form_problems(form(email=email), real_notice())
    assert found.code == "form.email_invalid"
    assert email in found.message


def test_one_box_is_to_be_ticked():
    assert codes(form(types=())) == ["form.unit_type_missing"]
    assert codes(form(types=("national_laboratory", "central_enterprise"))) == ["form.unit_type_several"]


def test_unknown_boxes_are_never_judged_as_empty():
    filled = form(types=())
    assert codes(type(filled)(filled.values, filled.choices, filled.lists, unread=("unit_types",))) == []


def test_other_needs_the_recommendation_on_paper():
    (found,) = form_problems(form(types=("other",)), real_notice())
    assert found.code == "form.recommendation_needed"
    assert "省级知识产权局" in found.message


@pytest.mark.parametrize(("length", "found"), [(299, ["form.introduction_length"]), (300, []), (500, []), (501, ["form.introduction_length"])])
def test_the_suggested_length_is_a_note(length, found):
    assert codes(form(introduction="简" * length)) == found


def test_more_than_two_industries_are_a_warning():
    assert codes(form(industries=("甲", "乙"))) == []
    assert codes(form(industries=("甲", "乙", "丙"))) == ["form.industry_count"]
