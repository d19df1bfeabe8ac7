"""Tests of bench/lambda_report.py. `scripts/test-scripts` runs them."""

import json
import unittest

from lambda_report import Report, parse, percentile, request_id, units

COLD = (
    "REPORT RequestId: 3604209a-e9a3-11e6-939a-754dd98c7be3\tDuration: 12.34 ms\tBilled Duration: 57 ms\t"
    "Memory Size: 256 MB\tMax Memory Used: 18 MB\tInit Duration: 44.01 ms\t"
)
WARM = "REPORT RequestId: b\tDuration: 3 ms\tBilled Duration: 3 ms\tMemory Size: 1769 MB\tMax Memory Used: 37 MB\t"


def event(request: str, kind: str = "platform.report", **metrics) -> str:
    common = {"durationMs": 12.34, "billedDurationMs": 57, "memorySizeMB": 256, "maxMemoryUsedMB": 18}
    record = {"requestId": request, "status": "success", "metrics": common | metrics}
    return json.dumps({"time": "2026-01-01T00:00:00.000Z", "type": kind, "record": record})


class Reports(unittest.TestCase):
    def test_text_of_a_cold_start(self):
        log = f"START RequestId: x Version: $LATEST\n{COLD}\nXRAY TraceId: 1-5\n"
        expected = {"3604209a-e9a3-11e6-939a-754dd98c7be3": Report(12.34, 57.0, 256, 18, 44.01)}
        self.assertEqual(parse(log), expected)

    def test_text_of_a_warm_start_has_no_initialization(self):
        self.assertEqual(parse(WARM), {"b": Report(3.0, 3.0, 1769, 37, None)})

    def test_json_of_cold_and_warm_starts(self):
        log = "\n".join([event("a", initDurationMs=44.01), event("b"), event("c", kind="platform.initReport")])
        self.assertEqual(parse(log), {"a": Report(12.34, 57.0, 256, 18, 44.01), "b": Report(12.34, 57.0, 256, 18, None)})

    def test_a_report_with_initialization_wins(self):
        self.assertEqual(parse(f"{event('a', initDurationMs=44.01)}\n{event('a')}")["a"].init_ms, 44.01)

    def test_other_lines_are_ignored(self):
        log = '{"type": "platform.report", cut off\nREPORT RequestId: x\n{"message": "request"}\nrt Billed Duration: 5 ms\n'
        self.assertEqual(parse(log), {})

    def test_request_ids_of_all_kinds_of_lines(self):
        own = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
        lines = (f"START RequestId: {own} Version: $LATEST", event(own), f'{{"function_request_id":"{own}"}}')
        self.assertEqual([request_id(line) for line in lines], [own] * 3)
        self.assertIsNone(request_id("no ID"))

    def test_units_of_request_lines(self):
        line = json.dumps({"_aws": {}, "message": "request", "ReadUnits": 3.5, "WriteUnits": 6})
        self.assertEqual(units(f'cut "_aws"}}\n{line}\n{line}\n'), (7.0, 12.0))

    def test_percentiles_are_measured_values(self):
        values = [float(value) for value in range(1, 101)]
        self.assertEqual([percentile(values, share) for share in (0.5, 0.9, 0.99)], [50.0, 90.0, 99.0])
        self.assertEqual(percentile([7.0], 0.99), 7.0)


if __name__ == "__main__":
    unittest.main()
