"""The heaviest one-to-one matching of a small bipartite graph: the Hungarian method with potentials.

Kuhn 1955 (Naval Research Logistics Quarterly 2:83) in the form of Jonker & Volgenant 1987 (Computing 38:325): rows
enter one by one, each along the shortest augmenting path. O(rows^2 x columns).
"""

import numpy as np

from core.metrics.arrays import FloatArray


def heaviest_assignment(weights: FloatArray) -> list[tuple[int, int]]:
    """`(row, column)` pairs, each row and column at most once, with the largest sum of `weights` (R, C), none of them
    negative. Pairs of weight 0 are left out. Ties go to one of the best, always the same."""
    if weights.shape[0] > weights.shape[1]:
        return sorted((row, column) for column, row in heaviest_assignment(weights.T))
    rows, columns = weights.shape
    u, v = np.zeros(rows + 1), np.zeros(columns + 1)
    row_of = np.zeros(columns + 1, dtype=np.int64)  # 1-based; 0 is nobody, column 0 the row that enters
    for entering in range(1, rows + 1):
        row_of[0] = entering
        column = 0
        shortest, way = np.full(columns + 1, np.inf), np.zeros(columns + 1, dtype=np.int64)
        used = np.zeros(columns + 1, dtype=np.bool_)
        while row_of[column]:
            used[column] = True
            row = row_of[column]
            slack = -weights[row - 1] - u[row] - v[1:]
            closer = ~used[1:] & (slack < shortest[1:])
            shortest[1:][closer], way[1:][closer] = slack[closer], column
            following = 1 + int(np.argmin(np.where(used[1:], np.inf, shortest[1:])))
            step = shortest[following]
            u[row_of[used]] += step
            v[used] -= step
            shortest[~used] -= step
            column = following
        while column:
            row_of[column] = row_of[way[column]]
            column = int(way[column])
    pairs = ((int(row_of[column]) - 1, column - 1) for column in range(1, columns + 1) if row_of[column])
    return sorted((row, column) for row, column in pairs if weights[row, column] > 0)
