from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state import (
    Document,
    Models,
    Overlays,
    Results,
    Settings,
    Shown,
    Viewport,
    load_settings,
    save_settings,
)
from app.state.pictures import PictureCache
from app.state.settings import RECENT_LIMIT, settings_file
from app.state.viewport import LADDER, step_zoom
from jndcore.errors import JNDError
from jndcore.results import Prediction, Shot

sizes = st.tuples(st.integers(16, 8192), st.integers(16, 8192))
views = st.tuples(st.integers(100, 3000), st.integers(100, 2000))
share = st.floats(0, 1)


@given(sizes, views)
def test_a_fitted_picture_touches_two_edges_and_crosses_none(picture, view):
    viewport = Viewport()
    width, height = (side * viewport.scale(picture, view) for side in picture)
    assert width <= view[0] + 1e-6
    assert height <= view[1] + 1e-6
    assert width == pytest.approx(view[0]) or height == pytest.approx(view[1])


@given(sizes, views, share, share, st.sampled_from([-3, -1, 1, 2]))
def test_the_point_under_the_cursor_stays_there_where_the_edges_allow(picture, view, x, y, steps):
    viewport = Viewport()
    viewport.actual()
    viewport.centre = (x, y)
    at = (view[0] * 0.4, view[1] * 0.6)
    before = viewport.origin(picture, view)
    viewport.zoom_at(steps, at, picture, view)
    scale, origin = viewport.zoom, viewport.origin(picture, view)
    for side in range(2):
        free = view[side] - picture[side] * scale
        if free + 1 < origin[side] < 0:  # not held by an edge
            point = at[side] - before[side]  # in picture pixels: the scale was 1
            assert (at[side] - origin[side]) / scale == pytest.approx(point, abs=1 / scale + 1)


@given(sizes, views, share, share, st.sampled_from(LADDER))
def test_a_picture_larger_than_the_view_leaves_no_gap(picture, view, x, y, zoom):
    viewport = Viewport(zoom=zoom, centre=(x, y))
    for origin, size, room in zip(viewport.origin(picture, view), picture, view, strict=True):
        if size * zoom > room:
            assert origin <= 0
            assert origin + size * zoom >= room - 1


def test_zoom_goes_through_whole_numbers_above_one_to_one():
    steps, zoom = [], 0.4
    while zoom < LADDER[-1]:
        zoom = step_zoom(zoom, 1)
        steps.append(zoom)
    assert steps[:4] == [1 / 2, 2 / 3, 1, 2]
    assert all(step == int(step) for step in steps[2:])
    assert step_zoom(LADDER[-1], 1) == LADDER[-1]
    assert step_zoom(LADDER[0], -1) == LADDER[0]


def test_settings_come_back():
    settings, trouble = load_settings()
    assert trouble == ""
    settings.theme, settings.level = "dark", 3
    settings.remember(Path("/videos/a.mp4"))
    save_settings(settings)
    again, trouble = load_settings()
    assert trouble == ""
    assert (again.theme, again.level, again.recent) == ("dark", 3, (Path("/videos/a.mp4"),))


def test_the_environment_goes_before_the_file(monkeypatch):
    settings, _ = load_settings()
    settings.theme = "dark"
    save_settings(settings)
    monkeypatch.setenv("JNDSCOPE_THEME", "light")
    assert load_settings()[0].theme == "light"


def test_what_the_environment_imposes_is_not_saved_but_a_choice_is(monkeypatch):
    settings, _ = load_settings()
    settings.theme = "light"
    save_settings(settings)
    monkeypatch.setenv("JNDSCOPE_THEME", "dark")
    monkeypatch.setenv("JNDSCOPE_LEVEL", "2")
    settings, _ = load_settings()
    settings.level = 3
    save_settings(settings)
    monkeypatch.delenv("JNDSCOPE_THEME")
    monkeypatch.delenv("JNDSCOPE_LEVEL")
    settings, trouble = load_settings()
    assert (settings.theme, settings.level, trouble) == ("light", 3, "")


def test_settings_that_cannot_be_written_are_one_sentence():
    settings_file().parent.parent.mkdir(parents=True)
    settings_file().parent.write_text("a file where the folder should be")
    with pytest.raises(JNDError, match=r"settings\.json: settings cannot be saved"):
        save_settings(Settings())


def test_settings_that_cannot_be_read_give_the_defaults_and_a_sentence(monkeypatch):
    save_settings(Settings())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    settings, trouble = load_settings()
    assert settings.theme == "system"
    assert "Permission denied" in trouble


@pytest.mark.parametrize("text", ["{", '{"theme": "pink"}'])
def test_damaged_settings_give_the_defaults_and_a_sentence(text):
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(text)
    settings, trouble = load_settings()
    assert settings.theme == "system"
    assert "settings.json" in trouble
    save_settings(settings)
    assert json.loads(settings_file().read_text())["theme"] == "system"
    assert load_settings()[1] == ""


def test_recent_videos_are_few_new_first_and_named_once():
    settings = Settings()
    for number in range(RECENT_LIMIT + 5):
        settings.remember(Path(f"{number}.mp4"))
    settings.remember(Path("7.mp4"))
    assert len(settings.recent) == RECENT_LIMIT
    assert settings.recent[0] == Path("7.mp4")
    assert len(set(settings.recent)) == RECENT_LIMIT


def test_settings_refuse_nonsense():
    with pytest.raises(ValueError, match="level"):
        Settings().level = 4


def test_the_frame_at_a_time_follows_uneven_time_stamps():
    document = Document()
    document.opened(None, np.array([0.0, 0.1, 0.5, 0.6]), ())
    assert [document.frame_at(t) for t in (-1, 0, 0.09, 0.1, 0.49, 0.5, 9)] == [0, 0, 0, 1, 1, 2, 3]


def levels(*values: float) -> Prediction:
    qp = np.array(values)[:, None] + np.arange(3)
    return Prediction(qp, np.ones_like(qp), np.ones_like(qp))


def test_results_fill_in_out_of_order_and_know_what_is_missing():
    results = Results()
    heard = []
    results.changed.connect(lambda: heard.append(1))
    results.reset(6)
    results.add(np.array([4, 1]), levels(24, 21), None)
    assert [results.known(frame) for frame in range(-1, 7)] == [
        False,
        False,
        True,
        False,
        False,
        True,
        False,
        False,
    ]
    assert results.qp[4, 0] == 24
    assert len(heard) == 2


def test_results_beyond_the_index_are_left_out_until_the_index_grows():
    results = Results()
    results.reset(2)
    results.add(np.array([1, 2]), levels(21, 22), None)
    assert results.known(1)
    results.resize(4)
    assert results.known(1)
    assert not results.known(2)


def test_a_frame_belongs_to_one_shot():
    results = Results()
    results.reset(6)
    shots = (Shot(0, 2, levels(20)), Shot(2, 6, levels(30)))
    results.add(np.array([0]), levels(20), shots)
    assert results.shot_of(1) == (0, shots[0])
    assert results.shot_of(2) == (1, shots[1])
    assert results.shot_of(6) is None
    results.add(np.array([1]), levels(21), None)
    assert results.shots == shots


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_frame_is_known_by_any_of_its_levels(level):
    results = Results()
    results.reset(2)
    qp = np.full((1, 3), np.nan)
    qp[0, level] = 20
    results.add(np.array([1]), Prediction(qp, qp * np.nan, qp * np.nan), None)
    assert (results.known(0), results.known(1)) == (False, True)
    assert not results.crossed(1)


def test_a_frame_whose_levels_cross_is_told_from_one_where_they_do_not():
    results = Results()
    results.reset(3)
    qp = np.array([[20.0, 25.0, 30.0], [20.0, 19.5, 30.0]])
    results.add(np.array([0, 1]), Prediction(qp, qp, qp), None)
    assert [results.crossed(frame) for frame in range(3)] == [False, True, False]


def known_of(model: str, frames: int) -> Results:
    results = Results()
    results.reset(frames)
    results.model = model
    results.add(np.arange(frames), levels(*range(frames)), None)
    return results


def test_results_can_be_put_aside_and_taken_up_again():
    results, heard = known_of("a.b", 3), []
    results.changed.connect(lambda: heard.append(results.model))
    aside = results.detach()
    assert not results.known(0)
    assert (results.model, len(results.qp)) == ("", 3)
    assert aside.qp[2, 0] == 2
    results.add(np.array([0]), levels(40), None)
    assert aside.qp[0, 0] == 0
    results.adopt(aside)
    assert (results.model, results.qp[2, 0]) == ("a.b", 2)
    assert heard == ["", "", "a.b"]


def test_overlays_keep_their_look_while_others_come_and_go():
    overlays = Overlays()
    for name in ("a", "b", "c"):
        overlays.keep(known_of(name, 2))
    assert [(o.model, o.slot) for o in overlays.kept] == [("a", 0), ("b", 1), ("c", 2)]
    overlays.drop("b")
    overlays.keep(known_of("d", 2))
    assert [(o.model, o.slot) for o in overlays.kept] == [("a", 0), ("c", 2), ("d", 1)]
    overlays.show("c", False)
    assert [o.shown for o in overlays.kept] == [True, False, True]
    again = known_of("a", 2)
    overlays.keep(again)
    assert [o.model for o in overlays.kept] == ["c", "d", "a"]
    overlays.resize(5)
    assert {len(o.results.qp) for o in overlays.kept} == {5}
    assert overlays.take("a") is again
    assert overlays.take("a") is None
    overlays.clear()
    assert overlays.kept == ()


def test_models_are_read_when_asked_and_a_damaged_card_leaves_the_list(add_model):
    models = Models()
    assert models.cards == ()
    models.refresh()
    names = [card.name for card in models.cards]
    file = add_model("LAT.new")
    models.refresh()
    assert sorted([*names, "LAT.new"]) == [card.name for card in models.cards]
    assert models.card("LAT.new").title == "a model for tests"
    file.write_text("no card")
    models.refresh()
    assert "LAT.new.json" in models.trouble
    assert models.card("LAT.new") is None
    file.unlink()
    models.refresh()
    assert (models.trouble, models.card("LAT.new")) == ("", None)


def test_the_picture_cache_forgets_what_was_not_used_for_longest():
    rgb = np.zeros((10, 10, 3), np.uint8)
    cache = PictureCache(limit=2 * rgb.nbytes)
    first, second, third = (Shown(n, rgb, "P", 1, 20.0) for n in range(3))
    cache.keep(first)
    cache.keep(second)
    assert cache.get(0, 1) is first
    cache.keep(third)
    assert cache.get(1, 1) is None
    assert cache.get(0, 1) is first
    assert cache.get(2, 1) is third
    assert cache.get(2, 2) is None
