from __future__ import annotations

import re

from app.card_text import card_page
from jndcore.models import DEFAULT_MODEL, load_card


def words(page: str) -> str:
    """A page's text, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_of_the_default_model_says_all_that_its_card_does():
    card = load_card(DEFAULT_MODEL)
    text = words(card_page(card)).replace("&#x27;", "'")
    for part in (card.title, card.data, card.licence, card.labels, card.input, card.training, card.sha256):
        assert " ".join(part.split()) in text
    for limit in card.not_for:
        assert limit in text
    for source in card.attribution:
        assert f"{source.source} ({source.licence})" in text
    for level in card.evaluation.levels:
        assert f"JND{level.level} {level.mae} {level.constant_mae} {level.difference}" in text
    assert "193 clips in 183 groups, 5-fold" in text
    assert "Redistributions in binary form must reproduce" in text


def test_an_imported_model_names_its_files_its_record_and_their_hashes():
    card = load_card(DEFAULT_MODEL).model_copy(
        update={
            "levels": (2,),
            "evaluation": None,
            "source": "LATJND2.h5",
            "record": "Zenodo record 11080876",
            "source_sha256": ("ab" * 32,),
            "rebuild_gflops": 0.0,
        }
    )
    text = words(card_page(card))
    assert "Tells JND2 Input" in text
    assert "Cost of a rebuilt frame none" in text
    assert "Never evaluated here" in text
    for part in ("LATJND2.h5", "Zenodo record 11080876", "ab" * 32):
        assert part in text


def test_what_a_card_says_is_text_and_never_markup():
    card = load_card(DEFAULT_MODEL).model_copy(update={"title": "<b>bold</b> & <img src='x'>"})
    page = card_page(card)
    assert "<img" not in page
    assert "&lt;b&gt;bold&lt;/b&gt; &amp;" in page
