"""Names as people read them: whatever a file or a tag says, one line that says what it shows."""

from __future__ import annotations

import pytest

from sfa.names import clean, shown

FAMILY = "👩\u200d👩\u200d👧"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_what_turns_a_text_about_is_dropped_from_it(code):
    assert clean(f"song{chr(code)}3pm.wav") == "song3pm.wav"


@pytest.mark.parametrize("mark", ["\ufeff", "\u200b", "\u2060", "\u00ad", " ", "\u202e"])
def test_what_cannot_be_seen_is_no_beginning_and_no_end(mark):
    assert clean(f"{mark} {mark}Song{mark} {mark}") == "Song"


@pytest.mark.parametrize(
    "text",
    [
        FAMILY,
        ENGLAND,
        "می\u200cخواهم",  # Persian: without the mark the word is misspelt
        "שלום (חי)\u200f",
        "ភាសា\u200bខ្មែរ",  # Khmer: where a line may break
        "Tïtle — ½ ♭ 😀",
    ],
)
def test_what_scripts_and_emoji_need_stays(text):
    assert clean(text) == text


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\u202e\u2069", "\u200f\u200e", "\ufeff\x00"])
def test_a_text_of_which_nothing_can_be_seen_is_none(text):
    assert clean(text) is None


def test_a_cut_leaves_no_space_behind():
    assert clean("word " * 200, 10) == "word word"


def test_a_name_in_a_sentence_shows_what_hides_in_it():
    assert shown("a\u202eb\u200b\n") == "“a\\u202eb\\u200b\\n”"
    assert shown(f"{FAMILY} می\u200cخواهم") == f"“{FAMILY} می\u200cخواهم”"
