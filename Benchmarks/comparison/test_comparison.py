"""Tests of what needs no measuring: figures, tables, the picture, memory, the running of programs."""

from __future__ import annotations

import pathlib
import sys
import unittest
import xml.etree.ElementTree as ElementTree
from typing import Any
from unittest import mock

import contestants
import processes
from environments import Environment
from memory import Sample, growth
from page import figure, page, spelled, table
from plot import plot
from summary import Spread, cosine, in_turn, quotient, ratios
from workloads import Workload


def row(group: str, cores: int, *rates: float, **more: Any) -> dict[str, Any]:
    """Makes a contestant's results."""
    samples = {"images_per_second": list(rates), "cpu_seconds_per_image": [0.01] * len(rates), "first_seconds": []}
    return {"title": f"{group} <{cores}>", "group": group, "cores": cores, **samples, **more}


FLOAT = "efficientnet-lite0"
CONTESTANTS = {
    f"ours-exact-{FLOAT}-1": row("ours", 1, 90, 96, 99, peak_bytes=50e6, cosine=1.0),
    f"both-exact-{FLOAT}-1": row("bound", 1, 100, 100, 100),
    "decode-exact-1": row("bound", 1, 400, 400, 400),
    f"run-{FLOAT}-1": row("bound", 1, 150, 150, 150),
    f"ours-exact-{FLOAT}-2": row("ours", 2, 180, 190, 200),
    f"run-{FLOAT}-2": row("bound", 2, 300, 300, 300),
    "slow-1": row("peer", 1, 10, 20, 30),
    "quick-1": row("peer", 1, 24, 48, 33),
}
RESULTS: dict[str, Any] = {
    "machine": {
        "date": "2026-01-01",
        "processor": "a processor",
        "cores": 2,
        "memory": "4 GiB",
        "system": "a system",
        "versions": {"Image Embedder": "1.0"},
        "load": 0.1,
    },
    "command": "make benchmark",
    "is_quick": False,
    "rounds": 3,
    "peers": {"quick": {"Python": "3.11"}},
    "unavailable": {"slow": "it does not install"},
    "workloads": {
        "small": {"title": "Small", "images": 5, "failures": {"other": "it broke"}, "contestants": CONTESTANTS}
    },
}


class SummaryTests(unittest.TestCase):
    """Figures."""

    def test_a_spread_has_the_middle_and_the_extremes(self) -> None:
        """The order of the samples plays no part."""
        self.assertEqual(Spread.of([3, 1, 2, 9]), (2.5, 1, 9))

    def test_quotients_are_taken_round_by_round(self) -> None:
        """A round that was slow for both changes nothing."""
        self.assertEqual(quotient([10, 5], [20, 10]), [0.5, 0.5])

    def test_one_after_the_other_is_slower_than_each(self) -> None:
        """Times add up, rates do not."""
        self.assertAlmostEqual(in_turn([400.0], [150.0])[0], 1 / (1 / 400 + 1 / 150))

    def test_the_cosine_ignores_length(self) -> None:
        """It is 1 for one direction and 0 for a right angle."""
        self.assertAlmostEqual(cosine([1, 2, 3], [2, 4, 6]), 1)
        self.assertEqual(cosine([1, 0], [0, 5]), 0)

    def test_ratios_compare_ours_with_what_is_promised(self) -> None:
        """Those whose contestants are missing are left out."""
        found = {ratio.title: ratio for ratio in ratios("small", CONTESTANTS)}
        exact = found["of the roofline, exact, 1 core"]
        self.assertEqual((exact.spread, exact.holds), ((0.96, 0.9, 0.99), True))
        arithmetic = found["of the roofline by arithmetic, exact, 1 core"].spread.median
        self.assertAlmostEqual(arithmetic, 96 * (1 / 400 + 1 / 150))
        self.assertNotIn("of the roofline, exact, 2 cores", found)

    def test_a_gain_below_the_runtimes_own_does_not_hold(self) -> None:
        """Two workers that reach 2 times one, where the runtime does, are a share of 1."""
        gain = next(ratio for ratio in ratios("small", CONTESTANTS) if "own gain" in ratio.title)
        self.assertEqual([round(value, 3) for value in gain.spread], [1.0, 0.99, 1.01])
        slower = {**CONTESTANTS, f"ours-exact-{FLOAT}-2": row("ours", 2, 90, 96, 99)}
        gain = next(ratio for ratio in ratios("small", slower) if "own gain" in ratio.title)
        self.assertFalse(gain.holds)

    def test_python_is_held_against_the_command_line_and_the_library_it_replaces(self) -> None:
        """With one process of that library and with as many as there are cores."""
        measured = {
            f"ours-exact-{FLOAT}-2": row("ours", 2, 200),
            f"python-{FLOAT}-2": row("ours", 2, 196),
            "tflite-support-1": row("peer", 1, 70),
            "tflite-support-2": row("peer", 2, 140),
        }
        found = [ratio for ratio in ratios("small", measured) if "Python" in ratio.title or "beside tf" in ratio.title]
        self.assertEqual([ratio.spread.median for ratio in found], [0.98, 1.4, 2.8])
        self.assertEqual([ratio.needed for ratio in found], [0.95, 1.15, 2.0])

    def test_openvino_is_held_against_the_best_way_to_use_it_and_against_all_others(self) -> None:
        """Decoders that leave pixels out compete with `--decode fast`, and only with that."""
        measured = {
            "ours-exact-openvino-2": row("ours", 2, 240),
            "ours-fast-openvino-2": row("ours", 2, 300),
            "openvino-2": row("peer", 2, 180),
            "openvino-inner": row("peer", 2, 200),
            "openvino-draft-inner": row("peer", 2, 250),
            "onnxruntime-2": row("peer", 2, 160),
            "pillow-litert-draft-2": row("peer", 2, 240),
            "openvino-1": row("peer", 1, 1000),
        }
        found = [ratio for ratio in ratios("small", measured) if ratio.title.startswith("with OpenVINO")]
        self.assertEqual([ratio.spread.median for ratio in found], [1.2, 1.5, 1.2, 1.25])
        self.assertEqual([ratio.needed for ratio in found], [1.05, 1.15, 1.05, 1.15])

    def test_nothing_is_promised_of_bfloat16(self) -> None:
        """It is not as exact as the others."""
        measured = {
            "ours-exact-openvino-1": row("ours", 1, 100),
            "ours-exact-openvino-bfloat16-1": row("ours", 1, 150),
            "openvino-1": row("peer", 1, 80),
        }
        found = {ratio.title: ratio for ratio in ratios("small", measured)}
        ratio = found.pop("with OpenVINO in bfloat16 beside single precision, 1 core")
        self.assertEqual((ratio.spread.median, ratio.needed), (1.5, None))
        del measured["ours-exact-openvino-bfloat16-1"]
        self.assertEqual({ratio.title: ratio for ratio in ratios("small", measured)}, found)

    def test_openvino_has_a_roofline_of_its_own(self) -> None:
        """Decoding, which is the same, and OpenVINO's run; of frames the run alone."""
        measured = {
            "ours-exact-openvino-1": row("ours", 1, 96),
            "both-exact-openvino-1": row("bound", 1, 100),
            "decode-exact-1": row("bound", 1, 400),
            "run-openvino-1": row("bound", 1, 160),
        }
        found = {ratio.title: ratio for ratio in ratios("frames", measured)}
        self.assertEqual(found["of the roofline, exact with OpenVINO, 1 core"].spread.median, 0.96)
        self.assertTrue(found["of the roofline, exact with OpenVINO, 1 core"].holds)
        arithmetic = found["of the roofline by arithmetic, exact with OpenVINO, 1 core"].spread.median
        self.assertAlmostEqual(arithmetic, 96 * (1 / 400 + 1 / 160))
        self.assertFalse(found["of the float model's bare run with OpenVINO, 1 core"].holds)

    def test_the_fastest_peer_is_the_one_with_the_highest_median(self) -> None:
        """A single good round does not make a peer the fastest."""
        peer = next(ratio for ratio in ratios("small", CONTESTANTS) if "fastest peer" in ratio.title)
        self.assertEqual(peer.spread, (3.0, 2.0, 3.75))


class ContestantTests(unittest.TestCase):
    """Who takes part."""

    def setUp(self) -> None:
        """Lists all that there may be."""
        names = ("pillow-litert", "openvino", "onnxruntime")
        peers = {name: Environment(pathlib.Path(name), {}) for name in names}
        here = pathlib.Path(__file__)
        with mock.patch.multiple(contestants, CORES=2, OPENVINO_LIBRARY=here, SINGLE_PRECISION=here):
            entrants = contestants.all_contestants(peers, pathlib.Path("scratch"), is_quick=True)
        self.entrants = {entrant.key: entrant for entrant in entrants}
        self.assertEqual(len(self.entrants), len(entrants))

    def test_every_way_to_use_openvino_takes_part(self) -> None:
        """A process for each core, and one process with a stream for each."""
        for key in ("openvino-1", "openvino-2", "openvino-inner", "openvino-draft-inner", "onnxruntime-2"):
            self.assertIn(key, self.entrants)
        self.assertEqual(self.entrants["openvino-inner"].cores, 2)
        command = self.entrants["openvino-inner"].command(Workload("small", "", pathlib.Path(__file__).parent, 1))
        self.assertEqual(command[command.index("--streams") + 1], "2")
        self.assertEqual(command[command.index("--processes") + 1], "1")

    def test_ours_asks_for_the_accelerator_only_where_its_key_says_so(self) -> None:
        """On the command line and in Python."""
        images = Workload("small", "", pathlib.Path(__file__).parent, 1)
        self.assertIn("--accelerator", self.entrants["ours-exact-openvino-2"].command(images))
        self.assertNotIn("--accelerator", self.entrants[f"ours-exact-{FLOAT}-2"].command(images))
        coarse = self.entrants["ours-exact-openvino-bfloat16-2"]
        self.assertIn("bfloat16", coarse.title)
        self.assertIn("--precision", coarse.command(images))
        self.assertNotIn("--precision", self.entrants["ours-exact-openvino-2"].command(images))
        self.assertIn("openvino", self.entrants["python-openvino-2"].command(images))
        self.assertIn("--openvino", self.entrants["both-exact-openvino-1"].command(images))

    def test_without_its_library_openvino_takes_no_part_in_ours(self) -> None:
        """Peers have a library of their own."""
        with mock.patch.object(contestants, "OPENVINO_LIBRARY", pathlib.Path("nowhere")):
            keys = [one.key for one in contestants.all_contestants({}, pathlib.Path(), is_quick=True)]
        self.assertFalse([key for key in keys if "openvino" in key])


class PageTests(unittest.TestCase):
    """The page and the picture."""

    def test_figures_have_three_digits(self) -> None:
        """Large ones have all before the point."""
        self.assertEqual([figure(value) for value in (1234.5, 99.94, 1.234)], ["1234", "99.9", "1.23"])

    def test_samples_are_spelled_with_their_extremes(self) -> None:
        """None are an empty cell."""
        self.assertEqual([spelled([1, 2, 4], 10), spelled([])], ["20.0 (10.0 to 40.0)", ""])

    def test_a_table_has_as_many_columns_in_every_line(self) -> None:
        """Also in the line that aligns them."""
        self.assertEqual({line.count("|") for line in table(("a", "b"), [("1", "2"), ("3", "4")])}, {3})

    def test_the_page_names_who_is_missing_and_why(self) -> None:
        """Whether a peer did not install or a contestant failed."""
        text = "\n".join(page(RESULTS))
        for part in (
            "it does not install",
            "it broke",
            "| 96.0 (90.0 to 99.0) |",
            "| of the roofline, exact, 1 core | 0.960 (0.900 to 0.990) | 1.000 | 0.95 | yes |",
        ):
            self.assertIn(part, text)

    def test_the_picture_is_sound_and_has_a_bar_for_each(self) -> None:
        """Of the bounds, those without decoding are left out where there are others."""
        root = ElementTree.fromstring("\n".join(plot(RESULTS["workloads"])))
        bars = root.findall("{http://www.w3.org/2000/svg}rect")
        self.assertEqual([bar.get("class") for bar in bars], ["ours", "bound", "ours", "peer", "peer"])
        widths = [float(bar.get("width", 0)) for bar in bars]
        self.assertEqual(widths, sorted(widths, reverse=True))


class MemoryTests(unittest.TestCase):
    """Growth."""

    def test_growth_is_from_the_first_twentieth_to_the_last(self) -> None:
        """What is in between may be more."""
        samples = [Sample(second, resident) for second, resident in ((1, 5), (5, 20), (50, 90), (96, 30), (100, 25))]
        self.assertEqual(growth(samples), (20, 30))


class ProcessTests(unittest.TestCase):
    """Running a program."""

    def test_the_output_and_the_processor_time_are_those_of_the_program(self) -> None:
        """The first byte comes before the end."""
        finished = processes.run([sys.executable, "-c", "print(sum(range(10**6)))"])
        self.assertEqual(finished.output, "499999500000\n")
        self.assertGreater(finished.cpu_seconds, 0)
        self.assertLessEqual(finished.first_seconds, finished.seconds)

    def test_memory_is_that_of_all_processes(self) -> None:
        """A process that was started by another counts."""
        inner = "import sys; text = b'x' * 60_000_000; print(1, flush=True); sys.stdin.read()"
        outer = (
            "import subprocess, sys, time\n"
            f"child = subprocess.Popen([sys.executable, '-c', {inner!r}], stdin=-1, stdout=-1)\n"
            "child.stdout.read(1); time.sleep(0.3); child.communicate()"
        )
        finished = processes.run([sys.executable, "-c", outer], watches_memory=True)
        self.assertGreater(finished.peak_bytes, 60_000_000)

    def test_a_program_that_fails_says_why(self) -> None:
        """The last line of its errors is told."""
        with self.assertRaisesRegex(processes.ProcessError, "status 3: wrong"):
            processes.run([sys.executable, "-c", "import sys; print('wrong', file=sys.stderr); sys.exit(3)"])


if __name__ == "__main__":
    unittest.main()
