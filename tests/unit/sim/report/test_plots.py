"""The figures: labelled, legible at both widths, in theme colours only, and true to their data."""

import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from spinchip.sim.report import plots
from spinchip.sim.report.plot_data import (
    AutocorrelationRun,
    ConditionalsSection,
    EnergyRun,
    EnergySection,
    LawSection,
    MomentGroup,
    MomentsSection,
)
from spinchip.sim.report.plot_style import PALETTE, WIDTH_IN, shown_name, style_context
from spinchip.sim.report.svg_figures import svg_text

RNG = np.random.default_rng(5)


def energy_section(n_draws, scale=1.0):
    runs = [EnergyRun(name, scale * RNG.normal(-800, 20, (3, n_draws)).round()) for name in ("reference", "golden")]
    return EnergySection(tuple(runs), -858.0 * scale, "putative ground state")


def law_section(n_spins, n_draws=30_000):
    law = RNG.dirichlet(np.full(2**n_spins, 0.3))
    return LawSection("law", law, RNG.multinomial(n_draws, law))


def conditionals_section(n_fields, n=4000):
    fields = np.linspace(-6, 6, n_fields)
    p = 1 / (1 + np.exp(-1.2 * fields))
    return ConditionalsSection("c", fields, np.full(n_fields, n), RNG.binomial(n, p), p)


def moments_section(n, scale=1.0):
    truth = scale * RNG.uniform(-1, 1, n)
    x, y = (truth + RNG.normal(0, 0.05 * scale, n) for _ in range(2))
    errors = np.full(n, 0.05 * scale)
    groups = (MomentGroup("spin means ⟨s_i⟩", x, y, errors, errors), MomentGroup("edges ⟨s_i s_j⟩", x, y))
    return MomentsSection("reference", "golden", groups)


def autocorrelation_runs(tau):
    rho = np.exp(-2 * np.arange(1000) / tau)
    return (AutocorrelationRun("reference", rho, tau), AutocorrelationRun("golden", rho, 1.1 * tau, 4))


SECTIONS = {
    "energy, short": (plots.energy_figure, energy_section(40)),
    "energy, long": (plots.energy_figure, energy_section(30_000)),
    "energy, large": (plots.energy_figure, energy_section(500, 1e4)),
    "energy, tiny": (plots.energy_figure, energy_section(500, 1e-5)),
    "law, 2 spins": (plots.law_figure, law_section(2)),
    "law, 4 spins": (plots.law_figure, law_section(4)),
    "law, 12 spins": (plots.law_figure, law_section(12)),
    "conditionals, coarse": (plots.conditionals_figure, conditionals_section(7)),
    "conditionals, fine": (plots.conditionals_figure, conditionals_section(900)),
    "autocorrelation, white": (plots.autocorrelation_figure, autocorrelation_runs(1.0)),
    "autocorrelation, slow": (plots.autocorrelation_figure, autocorrelation_runs(1500.0)),
    "moments, few": (plots.moments_figure, moments_section(12)),
    "moments, many": (plots.moments_figure, moments_section(1500, 0.15)),
}


def drawn(figure):
    """Draw a figure as the page does, at 72 points an inch; return its renderer."""
    figure.dpi = 72
    with style_context():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    return canvas.get_renderer()


def unlabelled(figure):
    """Return the axes that show tick labels and do not say of what."""
    found = []
    for axes in figure.axes:
        for axis, side in ((axes.xaxis, "labelbottom"), (axes.yaxis, "labelleft")):
            if axis.get_tick_params()[side] and not axis.get_label_text():
                found.append(axis)
    return found


@pytest.fixture
def texts_of(monkeypatch):
    """Return a function that gives every text a figure really draws: (text, box, font size in points)."""
    seen = {}
    original = Text.draw

    def draw(text, renderer, *rest, **named):
        if text.get_visible() and text.get_text().strip():
            seen[id(text)] = (text.get_text(), text.get_window_extent(renderer), text.get_fontsize())
        return original(text, renderer, *rest, **named)

    def texts(figure):
        seen.clear()
        drawn(figure)
        return list(seen.values())

    monkeypatch.setattr(Text, "draw", draw)
    return texts


def illegible(texts, page):
    """Return texts that are smaller than 10 points, leave the page, or overlap each other."""
    found = []
    for number, (text, box, size) in enumerate(texts):
        inside = page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1 and page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1
        found += [text] if size < 10 or not inside else []
        found += [(text, other) for other, its, _ in texts[:number] if box.overlaps(its)]
    return found


@pytest.mark.promise("cli.report")
@pytest.mark.parametrize("width", WIDTH_IN)
@pytest.mark.parametrize("kind", SECTIONS)
def test_figure_is_labelled_and_legible(kind, width, texts_of):
    plot, section = SECTIONS[kind]
    figure = plot(section, width)
    texts = texts_of(figure)
    assert figure.get_figwidth() == WIDTH_IN[width]
    assert unlabelled(figure) == []
    assert len(texts) > 6
    assert illegible(texts, figure.bbox) == []


def test_unlabelled_axes_are_found():
    figure = plots.law_figure(SECTIONS["law, 12 spins"][1])
    figure.axes[0].set_ylabel("")
    assert unlabelled(figure) == [figure.axes[0].yaxis]


def test_illegible_text_is_found(texts_of):
    figure = plots.conditionals_figure(SECTIONS["conditionals, coarse"][1], "narrow")
    figure.axes[1].set_xticks(np.linspace(-6, 6, 40))
    assert len(illegible(texts_of(figure), figure.bbox)) > 30
    figure = plots.autocorrelation_figure(SECTIONS["autocorrelation, white"][1], "narrow")
    note = figure.axes[0].annotate("runs out of the page", (0.9, 0.5), xycoords="axes fraction")
    note.set_in_layout(False)  # or the axes would shrink to make room for it
    assert illegible(texts_of(figure), figure.bbox) == ["runs out of the page"]
    note.set(text="small", size=8, position=(0.5, 0.5))
    assert illegible(texts_of(figure), figure.bbox) == ["small"]


@pytest.mark.parametrize("kind", SECTIONS)
def test_svg_takes_every_colour_from_the_page(kind):
    plot, section = SECTIONS[kind]
    text = svg_text(plot(section), "f", "label")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\")|rgb|DejaVu|http", text) == []
    assert set(re.findall(r"var\(--(\w+)\)", text)) <= set(PALETTE)


def test_foreign_colour_is_left_for_the_test_to_find():
    figure = plots.autocorrelation_figure(SECTIONS["autocorrelation, white"][1])
    figure.axes[0].plot([0, 1], [0, 1], color="#123456")
    assert "#123456" in svg_text(figure, "f", "label")


def test_energy_figure_shows_means_range_and_ground_state():
    section = SECTIONS["energy, long"][1]
    figure = plots.energy_figure(section)
    for run, axes in zip(section.runs, figure.axes[::2], strict=True):
        levels = [line.get_ydata()[0] for line in axes.lines if len(set(line.get_ydata())) == 1]
        assert levels == [run.chains.mean(), -858.0]
        band = axes.collections[0].get_paths()[0].vertices[:, 1]
        assert (band.min(), band.max()) == (run.chains[0].min(), run.chains[0].max())
        low, high = axes.get_ylim()
        assert low < -858.0
        assert high > run.chains.max()


@pytest.mark.parametrize("step", [1.0, 4.0, 0.6])
def test_energy_histogram_gives_every_bin_as_many_rungs(step):
    values = step * RNG.integers(-200, 40, 4000)
    edges = plots._histogram_edges(values)
    rungs = np.histogram(step * np.arange(-200, 40), edges)[0]
    assert np.histogram(values, edges)[0].sum() == len(values)
    assert set(rungs[:-1]) == {rungs[0]}  # the last bin may stand half empty
    assert 16 <= len(edges) <= 65


def test_law_figure_shows_the_likeliest_states_in_order():
    section = SECTIONS["law, 12 spins"][1]
    top, below = plots.law_figure(section).axes[:2]
    bars = np.array([patch.get_height() for patch in top.patches])
    order = np.argsort(-section.exact, kind="stable")[: len(bars)]
    shares = section.counts[order] / section.counts.sum()
    dots = top.containers[1].lines[0].get_ydata()
    z = below.lines[-1].get_ydata()
    assert len(bars) == plots.MAX_STATES
    np.testing.assert_array_equal(bars, section.exact[order])
    np.testing.assert_array_equal(dots, shares)
    np.testing.assert_allclose(z * np.sqrt(bars * (1 - bars) / section.n_draws), shares - bars, atol=1e-15)


def test_law_figure_names_few_states_by_their_spins():
    section = LawSection("and", np.array([0.1, 0.4, 0.2, 0.3]), np.array([10, 40, 20, 30]))
    axes = plots.law_figure(section).axes[1]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["+−", "++", "−+", "−−"]


def test_fewer_independent_draws_give_smaller_scores():
    section = SECTIONS["law, 4 spins"][1]
    quarter = LawSection("q", section.exact, section.counts, n_eff=section.n_draws / 4)
    z, z_quarter = (plots.law_figure(part).axes[1].lines[-1].get_ydata() for part in (section, quarter))
    np.testing.assert_allclose(z_quarter, z / 2)


def test_conditional_curve_passes_through_the_table():
    section = SECTIONS["conditionals, coarse"][1]
    top, below = plots.conditionals_figure(section).axes
    curve = top.lines[0].get_data()
    np.testing.assert_allclose(np.interp(section.fields, *curve), section.probabilities, atol=2e-3)
    z = (section.n_ups - 4000 * section.probabilities) / np.sqrt(
        4000 * section.probabilities * (1 - section.probabilities)
    )
    shown = 4000 * np.minimum(section.probabilities, 1 - section.probabilities) >= plots.MIN_EXPECTED
    np.testing.assert_allclose(below.lines[-1].get_ydata(), z[shown])


def test_autocorrelation_times_are_marked_in_sweeps():
    runs = SECTIONS["autocorrelation, slow"][1]
    axes = plots.autocorrelation_figure(runs).axes[0]
    marks = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert marks == [1500.0, 4 * 1.1 * 1500.0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "reference, τ = 1,500 sweeps",
        "golden, τ = 6,600 sweeps",
    ]


def test_moments_spread_is_that_of_the_differences():
    section = SECTIONS["moments, many"][1]
    axes = plots.moments_figure(section).axes[-1]
    areas = [patch.get_height() * patch.get_width() for patch in axes.patches]
    centers = [patch.get_x() + patch.get_width() / 2 for patch in axes.patches]
    assert sum(areas) == pytest.approx(1.0)
    assert np.dot(areas, np.square(centers)) == pytest.approx(1.0, abs=0.15)  # 1500 z: 4 sigma are 0.15
    assert len(plots.moments_figure(SECTIONS["moments, few"][1]).axes) == 2  # too few for a spread


def test_names_are_made_safe_for_a_legend():
    assert shown_name("_a\n\x00$b$") == " _a  $b$"
