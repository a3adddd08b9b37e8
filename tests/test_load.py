"""The benchmark under load starts a server of its own and asks it, and leaves nothing behind."""

import re

from bot import benchmark


def test_answers_are_counted_beside_the_bare_health_check(index_file, monkeypatch, capsys):
    monkeypatch.setenv("HMS_INDEX_FILE", str(index_file))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(benchmark, "SECONDS", 0.5)
    monkeypatch.setattr(benchmark, "CLIENTS", (1, 3))
    benchmark.run_under_load()
    rows = re.findall(r"│ (\d+) +│ (\d+) +│ ([\d.]+) +│ ([\d.]+) +│ (\d+) ", capsys.readouterr().out)
    assert [clients for clients, *_ in rows] == ["1", "3"]
    for _, answers, median, late, bare in rows:
        assert 0 < int(answers) < int(bare)
        assert 0 < float(median) <= float(late)
