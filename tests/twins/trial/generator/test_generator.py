"""Synthetic participants: like the history in what it tells, nobody of it, and conditioned on what is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from twinward.errors import BadFile, BadInput, CorruptSave
from twinward.models.two_compartment import TwoCompartment
from twinward.twins.trial import KIND
from twinward.twins.trial.generator import from_table, learn, load, parse, privacy, save
from twinward.twins.trial.generator.donors import Donors
from twinward.twins.trial.generator.judged import energy_score, next_visits, told_apart
from twinward.twins.trial.generator.model import visits_hashed
from twinward.twins.trial.virtual import Trial

FILE = """
name = "made up"
participant = "id"
time = "day"
[baseline]
age = { unit = "a" }
sex = { scale = "nominal" }
[series]
load = { scale = "positive", unit = "mg/L" }
mark = { unit = "1" }
ill = { scale = "nominal" }
[end]
time = "until"
status = "how"
kinds = { dead = "death", moved = "transfer" }
"""


def table(people: int, seed: int) -> pd.DataFrame:
    """A load that grows by its own rate and kills, a mark that goes with it, illness where it is high; common gaps."""
    rng = np.random.default_rng(seed)
    rows = []
    for one in range(people):
        age, sex = rng.normal(60, 10), rng.choice(["f", "m"])
        level, rate = rng.normal(1.0 + 0.02 * (age - 60), 0.5), rng.normal(0.001, 0.001)
        day, visits = 0, []
        while True:
            now = level + rate * day + 0.1 * rng.standard_normal()
            gone = rng.random() < 0.15
            visits.append((day, np.exp(now).round(1), "" if gone else round(2 * now + 0.2 * rng.standard_normal(), 2),
                           "" if gone else "yes" if now > 1.5 else "no"))  # fmt: skip
            if rng.random() < 0.08 * np.exp(now - 1.0):
                end, how = day + int(rng.integers(1, 150)), "dead"
                break
            if rng.random() < 0.08:
                end, how = day + int(rng.integers(1, 100)), "alive"
                break
            day += int(rng.integers(150, 220))
        rows += [(f"p{one}", day, round(age, 1), sex, max(x, 0.1), mark, ill, end, how) for day, x, mark, ill in visits]
    return pd.DataFrame(rows, columns=["id", "day", "age", "sex", "load", "mark", "ill", "until", "how"])


@pytest.fixture(scope="module")
def told():
    return from_table(table(400, 1), parse(FILE))


@pytest.fixture(scope="module")
def made(told):
    return learn(told)


@pytest.fixture(scope="module")
def synthetic(made):
    return made.sample(3000)


class TestLikeTheHistory:
    """What it draws."""

    def test_margins_and_dependence_at_the_first_visit(self, told, synthetic):
        ours, theirs = (np.column_stack([one.baseline, one.series[one.first]]) for one in (synthetic, told))
        off = np.abs(np.nanmean(ours, axis=0) - np.nanmean(theirs, axis=0))
        assert (off < 0.15 * np.nanstd(theirs, axis=0)).all()
        np.testing.assert_allclose(np.nanstd(ours, axis=0), np.nanstd(theirs, axis=0), rtol=0.15)
        for a, b in ((2, 3), (0, 2), (2, 4)):
            found = [pd.DataFrame(one).corr().iloc[a, b] for one in (ours, theirs)]
            assert found[0] == pytest.approx(found[1], abs=0.2) and found[0] * found[1] > 0

    def test_what_is_missing_is_missing_together(self, synthetic):
        gone = np.isnan(synthetic.series)
        np.testing.assert_array_equal(gone[:, 1], gone[:, 2])
        assert gone[:, 1].mean() == pytest.approx(0.15, abs=0.04) and not gone[:, 0].any()

    def test_paths_go_on_and_death_follows_the_load(self, told, synthetic):
        for one in (told, synthetic):
            last = np.append(one.first[1:], len(one.who)) - 1
            dead = one.how == 1
            assert one.series[last[dead], 0].mean() > one.series[last[~dead], 0].mean() + 0.1
        shares = [np.bincount(one.how, minlength=3) / len(one) for one in (told, synthetic)]
        np.testing.assert_allclose(*shares, atol=0.08)
        visits = [np.bincount(one.who).mean() for one in (told, synthetic)]
        assert visits[1] == pytest.approx(visits[0], rel=0.2)
        assert shares[1][2] == 0  # nobody moved

    def test_nothing_lies_beyond_the_history_and_all_is_as_finely_told(self, told, synthetic):
        for one, sign in ((np.nanmax, 1), (np.nanmin, -1)):
            ours, theirs = one(synthetic.series, axis=0), one(told.series, axis=0)
            assert (sign * ours <= sign * theirs + 1e-9).all()
        assert synthetic.end.max() <= told.end.max()
        load = synthetic.table()["load"].to_numpy(float)
        np.testing.assert_allclose(load, load.round(1), atol=1e-9)
        assert (synthetic.time % 1 == 0).all() and (np.diff(synthetic.time)[np.diff(synthetic.who) == 0] > 0).all()
        assert (synthetic.end[synthetic.who] >= synthetic.time).all()

    def test_a_classifier_hardly_tells_drawn_visits_of_unseen_people(self, made):
        unseen = from_table(table(250, 2), parse(FILE))
        assert max(told_apart(next_visits(made, unseen))) < 0.62


class TestNobodyOfIt:
    """What it gives away."""

    def test_no_visit_is_copied(self, told, synthetic):
        assert not (set(visits_hashed(synthetic)) - {b""}) & set(visits_hashed(told))

    def test_it_knows_those_who_taught_no_better_than_others(self, told, synthetic):
        others = from_table(table(300, 3), parse(FILE))
        found = privacy(synthetic, told, others)
        assert found.copies == 0 and found.nearer_low < 0.5 and found.attack < 0.6
        assert 0.8 < found.ratio < 1.2

    def test_a_copyist_is_found_out(self, told):
        others = from_table(table(300, 3), parse(FILE))
        found = privacy(told.take(np.arange(200)), told, others)
        assert found.nearer_low > 0.5 and found.attack_low > 0.6

    def test_where_only_copies_could_be_drawn_it_says_so(self):
        few = pd.DataFrame({name: ["1", "2"] * 30 for name in "abcd"})
        made = learn(from_table(few, parse('name = "x"\n[series]\na = {}\nb = {}\nc = {}\nd = {}')))
        with pytest.raises(BadInput, match="copies of the history"):
            made.sample(50)

    def test_too_few_are_no_judgement(self, told):
        with pytest.raises(BadInput, match="at least ten"):
            privacy(told.take(np.arange(5)), told, told)


def test_a_cohort_is_the_population_of_a_virtual_trial(made):
    people = made.sample(6).subjects()
    assert len({one.id for one in people}) == 6
    assert all({"age", "sex", "load"} <= set(one.attributes) and one.attributes["load"] > 0 for one in people)
    model = TwoCompartment()
    assert (
        len(Trial(people, {"1 g": {"dose": 1000.0}, "2 g": {"dose": 2000.0}}, "trough", model).run("6 h").outcomes) == 6
    )


class TestGoingOn:
    """From what is known of a participant."""

    def test_the_visits_so_far_stay_and_the_rest_follows_from_them(self, told, made):
        people = np.flatnonzero(np.bincount(told.who) >= 3)[:40]
        begun = told.take(people)
        found = made.continued(begun, 50)
        assert len(found) == 50 * len(people)
        for one in (0, 7):
            mine = begun.series[begun.who == one]
            np.testing.assert_array_equal(found.series[found.who == 50 * one][: len(mine)], mine)
        # a high load stays high
        last = np.append(begun.first[1:], len(begun.who)) - 1
        next_load = [np.mean([found.series[found.who == 50 * one + m][(begun.who == one).sum() :, 0].mean()
                              for m in range(50) if (found.who == 50 * one + m).sum() > (begun.who == one).sum()])
                     for one in range(len(people))]  # fmt: skip
        assert np.corrcoef(begun.series[last, 0], next_load)[0, 1] > 0.8

    def test_visits_at_given_times_are_kept(self, told, made):
        begun = told.take(np.array([0, 1]))
        times = [begun.time[begun.who == one].max() + np.array([10.0, 400.0]) for one in (0, 1)]
        found = made.continued(begun, 5, times=times)
        for one in range(10):
            np.testing.assert_array_equal(found.time[found.who == one][-2:], times[one // 5])
        with pytest.raises(BadInput, match="rising times"):
            made.continued(begun, 1, times=[np.array([0.0]), times[1]])

    def test_another_table_is_read_by_what_its_levels_are_called(self, made):
        """One with women alone, and one with a sex that the history never had."""
        rows = table(60, 8)
        women = from_table(rows[rows.sex == "f"], parse(FILE))
        found = made.continued(women, 1)
        assert set(found.table()["sex"]) == {"f"}
        odd = made.continued(from_table(rows.assign(sex="x"), parse(FILE)), 1)
        assert set(odd.table()["sex"]) == {""}
        other = parse(FILE.replace('[baseline]\nage = { unit = "a" }\n', "[baseline]\n"))
        with pytest.raises(BadInput, match="columns"):
            made.continued(from_table(rows, other), 1)

    def test_what_came_later_changes_nothing_before(self, told, made):
        begun = told.take(np.flatnonzero(np.bincount(told.who) >= 4)[:5])
        early = begun.time < 100
        first = replace(begun, who=begun.who[early], time=begun.time[early], series=begun.series[early])
        later = replace(begun, series=np.where(early[:, None], begun.series, 0.0))
        again = replace(later, who=later.who[early], time=later.time[early], series=later.series[early])
        np.testing.assert_array_equal(made.continued(first, 3).series, made.continued(again, 3).series)


class TestTheSameAgain:
    """Seeds, orders, files."""

    def test_a_seed_makes_the_same_cohort_and_another_another(self, made, synthetic):
        again = made.sample(3000)
        np.testing.assert_array_equal(again.series, synthetic.series)
        assert not np.array_equal(made.sample(50, seed=2).time, made.sample(50, seed=3).time)

    def test_the_order_of_rows_does_not_matter(self, made):
        shuffled = table(400, 1).sample(frac=1.0, random_state=0)
        other = learn(from_table(shuffled, parse(FILE)))
        np.testing.assert_array_equal(made.sample(40).series, other.sample(40).series)

    def test_saved_and_read_it_is_the_same(self, made, tmp_path):
        save(made, tmp_path / "g.npz")
        again = load(tmp_path / "g.npz")
        np.testing.assert_array_equal(again.sample(60).series, made.sample(60).series)
        assert again.file == made.file and again.seen == made.seen

    @pytest.mark.parametrize(
        "name",
        ["gap.left", "first.2.roots", "step.0.feature", "step_gone.which.outcome", "ends.1.linear", "low",
         "first.0.outcome", "step.1.linear"],
    )  # fmt: skip
    def test_a_file_that_lies_is_refused(self, made, tmp_path, name):
        path = tmp_path / "g.npz"
        save(made, path)
        with np.load(path) as file:
            held = {key: file[key] for key in file.files}
        wrongs = [held[name][:0], held[name].astype(float) * np.nan]
        if held[name].dtype.kind == "i" or name.endswith("which.outcome"):
            wrongs.append(held[name] + 10**6)  # a place that is not there
        for wrong in wrongs:
            np.savez(path, **(held | {name: wrong}))
            with pytest.raises(CorruptSave), np.errstate(invalid="ignore"):
                load(path)
        path.write_bytes(b"PK nothing")
        with pytest.raises(CorruptSave):
            load(path)


class TestDonors:
    """One forest."""

    def test_it_draws_from_those_who_were_alike(self):
        rng = np.random.default_rng(0)
        x = rng.random((2000, 1))
        y = np.where(x[:, 0] > 0.5, 10.0, 0.0) + rng.standard_normal(2000)
        donors = Donors.grow(x, y, smooth=True, leaf=20, seed=1)
        low, high = (donors.draw(np.full((4000, 1), at), rng) for at in (0.2, 0.8))
        assert low.mean() == pytest.approx(0.0, abs=0.4) and high.mean() == pytest.approx(10.0, abs=0.4)
        assert 0.8 < low.std() < 2.0 and not np.isin(low, y).any()

    def test_levels_are_drawn_as_they_are(self):
        rng = np.random.default_rng(0)
        x = rng.random((1000, 1))
        donors = Donors.grow(x, (rng.random(1000) < x[:, 0]).astype(float), smooth=False, leaf=20, seed=1)
        assert set(np.unique(donors.draw(x, rng))) == {0.0, 1.0}
        assert donors.draw(np.full((4000, 1), 0.9), rng).mean() == pytest.approx(0.9, abs=0.08)

    def test_what_never_varies_is_drawn_without_a_tree(self):
        donors = Donors.grow(np.zeros((50, 2)), np.full(50, 3.0), smooth=True, leaf=5, seed=1)
        assert (donors.draw(np.ones((4, 2)), np.random.default_rng(0)) == 3.0).all()


def test_the_energy_score_is_that_written_by_hand():
    assert energy_score(np.array([[0.0], [2.0]]), np.array([1.0])) == 0.5
    assert energy_score(np.array([[0.0, 9.0], [2.0, 1.0]]), np.array([1.0, np.nan])) == 0.5


class TestReading:
    """Tables and cohort files."""

    def test_a_baseline_alone_is_a_history_too(self):
        rng = np.random.default_rng(0)
        x = rng.normal(50, 10, 300).round(1)
        file = parse('name = "b"\n[baseline]\nx = {}\ny = {}\nz = { scale = "nominal" }')
        told = pd.DataFrame({"x": x, "y": (2 * x + rng.normal(0, 5, 300)).round(1), "z": np.where(x > 50, "hi", "lo")})
        drawn = learn(from_table(told, file)).sample(500).table()
        assert drawn[["x", "y"]].corr().iloc[0, 1] > 0.8
        assert drawn[drawn.z == "hi"].x.mean() > drawn[drawn.z == "lo"].x.mean() + 8

    @pytest.mark.parametrize(
        ("change", "told"),
        [(("load", 3, "high"), "load, row 4"), (("load", 3, "-1"), "a number above 0"), (("day", 2, ""), "day, row 3"),
         (("until", 0, "-5"), "an end not before the last visit")],
    )  # fmt: skip
    def test_what_cannot_be_is_told_with_its_place(self, change, told):
        column, row, value = change
        wrong = table(60, 4).astype(str)
        wrong.loc[row, column] = value
        with pytest.raises(BadInput, match=told):
            from_table(wrong, parse(FILE))

    def test_a_visit_told_twice_and_an_absent_column_are_refused(self):
        rows = table(60, 4)
        with pytest.raises(BadInput, match="one row a visit"):
            from_table(pd.concat([rows, rows.iloc[:1]]), parse(FILE))
        with pytest.raises(BadInput, match="columns"):
            from_table(rows.drop(columns="mark"), parse(FILE))
        with pytest.raises(BadInput, match="at least 50"):
            learn(from_table(table(20, 4), parse(FILE)))

    @pytest.mark.parametrize(
        ("text", "told"),
        [('name = "x"', "one column at least"), ('name = "x"\n[series]\na = {}\n[baseline]\na = {}', "in the baseline"),
         ('name = "x"\ntime = "t"\n[series]\na = {}', "whose visits"), ("name = ", "not TOML"),
         ('name = "x"\n[series]\na = {}\n[end]\ntime = "t"\nstatus = "s"\nkinds = { 1 = "death" }', "that it ends"),
         ('name = "x"\nparticipant = "a"\n[series]\na = {}', "no column of its own"),
         ('name = "x"\n[series]\na = { scale = "odd" }', "series.a.scale")],
    )  # fmt: skip
    def test_a_wrong_cohort_file_names_its_fault(self, text, told):
        with pytest.raises(BadFile, match=told):
            parse(text)


def test_the_command_writes_a_cohort_and_tells_what_it_gives_away(tmp_path):
    (tmp_path / "cohort.toml").write_text(FILE, encoding="utf-8")
    table(150, 5).to_csv(tmp_path / "history.csv", index=False)
    arguments = ["generate", tmp_path / "history.csv", "--cohort-file", tmp_path / "cohort.toml", "-o",
                 tmp_path / "out.csv", "--participants", 60, "--keep", tmp_path / "g.npz"]  # fmt: skip
    done = CliRunner().invoke(KIND.commands(), [str(one) for one in arguments], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert "60 synthetic participants" in done.output and "membership attack" in done.output
    drawn = pd.read_csv(tmp_path / "out.csv")
    assert list(drawn.columns) == ["id", "day", "age", "sex", "load", "mark", "ill", "until", "how"]
    assert drawn["id"].nunique() == 60 and set(drawn["how"]) <= {"censored", "death", "transfer"}
    assert load(tmp_path / "g.npz").sample(3).table().shape[1] == 9
