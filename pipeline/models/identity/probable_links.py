"""One row per two person records that are probably one person, and that no certain link joins.

Name, birth date, address and phone are compared after Fellegi and Sunter (1969). How often strangers agree is learned
from pairs of records drawn at random, how often one person's records agree from records that certain links join; with
fewer than 300 records, or nobody known twice, both are supposed (pipeline/analysis/linkage.py). Whatever the weight, no
link is made where birth dates clearly differ, where one of the names differs and the birth date is not the same, or on
a name alone. Without rows unless switched on.

grain: node_id, other_node_id
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.analysis.linkage import PAIR, probable_pairs

READS = ("config.linkage", "identity.compared_people", "identity.certain_groups")
COLUMNS = {
    "node_id": ("bigint", "Number of the one record in identity.nodes."),
    "other_node_id": ("bigint", "Number of the other one; the greater."),
    "match_weight": ("double", "Evidence that both are one person, in bits: 10 is odds of a thousand to one."),
    "match_probability": ("double", "The same as a probability."),
    "evidence": ("varchar", "What agrees, and what differs."),
}


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the pairs above the probability in the settings; `query` runs a SELECT and gives an Arrow table."""
    asked = query("select min_match_probability from config.linkage").column("min_match_probability").to_pylist()
    found = PAIR.empty_table()
    if asked:
        records = query(
            "select people.node_id as record_id, groups.group_id as known_as, people.* exclude (node_id) "
            "from identity.compared_people as people join identity.certain_groups as groups using (node_id)"
        )
        found = probable_pairs(records, asked[0])
    return found.rename_columns(list(COLUMNS))
