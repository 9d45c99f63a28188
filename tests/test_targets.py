"""Target tables: sets of tags by number."""

import numpy as np

from conflictner.training.targets import TargetTable


def rows(*sets):
    return np.array([[index in chosen for index in range(4)] for chosen in sets])


def test_single_tags_keep_their_index():
    targets = TargetTable(4)
    assert targets.indices(rows({2}, {0}, {3}, {0})).tolist() == [2, 0, 3, 0]
    assert targets.table() is None


def test_sets_are_numbered_as_they_are_met():
    targets = TargetTable(4)
    assert targets.indices(rows({1, 2}, {0}, {0, 3}, {1, 2})).tolist() == [4, 0, 5, 4]
    assert targets.indices(rows({0, 3}, {0, 1, 2, 3})).tolist() == [5, 6]
    np.testing.assert_array_equal(targets.table(), rows({0}, {1}, {2}, {3}, {1, 2}, {0, 3}, {0, 1, 2, 3}))


def test_no_words_have_no_targets():
    assert TargetTable(4).indices(np.zeros((0, 4), dtype=bool)).tolist() == []
