"""No result takes another's name, and groups that are named apart get the names of the whole."""

from itertools import groupby
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from srgan.naming import names_of_their_own, rivals_key, wanted

_endings = st.sampled_from([".jpg", ".png", ".PNG", ".tif", ".webp", ".jpg.png", ".jpg-2.png", ""])
_names = st.builds(lambda *parts: "".join(parts), st.sampled_from("aAb"), _endings, _endings)
_formats = st.sampled_from(["PNG", "JPEG", "TIFF"])
_sources = st.dictionaries(_names, _formats, min_size=1, max_size=12)


def _all_wanted(formats):
    places = sorted((PurePosixPath("below", name), made) for name, made in formats.items())
    return [wanted("in" / place, "out" / place, made) for place, made in places]


@given(_sources)
def test_no_two_results_bear_one_name_even_where_capitals_do_not_count(formats):
    targets = names_of_their_own(_all_wanted(formats)).values()
    assert len({str(target).casefold() for target in targets}) == len(formats)


@given(_sources)
def test_groups_of_rivals_are_named_as_the_whole_is(formats):
    everyone = _all_wanted(formats)

    def key(one):
        return rivals_key(PurePosixPath("below", one.source.name))

    apart: dict = {}
    for _, group in groupby(sorted(everyone, key=key), key=key):
        apart |= names_of_their_own(list(group))
    assert apart == names_of_their_own(everyone)


def test_a_longer_name_that_another_source_leads_to_is_not_taken_twice():
    everyone = _all_wanted({"a.jpg": "PNG", "a.jpg.webp": "PNG", "a.png": "PNG"})
    names = [target.name for target in names_of_their_own(everyone).values()]
    assert names == ["a.jpg.png", "a.jpg.webp.png", "a.png"]
