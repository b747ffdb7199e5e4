"""Opens what jounce exported with other programs' readers, and prints what they found.

Usage: second_reader.py FOLDER, with hazards.geojson, hazards.parquet and coverage.parquet (GeoParquet),
plain.parquet and snapshot.duckdb in it. A reader that finds something wrong ends the run.
"""

import json
import sys
from pathlib import Path

import duckdb
import geopandas
import pyarrow.parquet
import pyogrio

folder = Path(sys.argv[1])
found = {"duckdb": duckdb.__version__, "geopandas": geopandas.__version__}

for layer in ["hazards", "coverage"]:
    path = folder / f"{layer}.parquet"
    frame = geopandas.read_parquet(path)
    assert frame.crs == "OGC:CRS84", frame.crs
    assert frame.geometry.is_valid.all()
    boxes = pyarrow.parquet.read_table(path, columns=["bbox"])["bbox"].to_pylist()
    edges = [[box["xmin"], box["ymin"], box["xmax"], box["ymax"]] for box in boxes]
    assert frame.bounds.to_numpy().tolist() == edges, "the box of every row"
    west, south, east, north = frame.total_bounds
    # A reader that knows version 1.1 narrows down by the column that covers the geometry.
    assert len(geopandas.read_parquet(path, bbox=(west, south, east, north))) == len(frame)
    assert len(geopandas.read_parquet(path, bbox=(0, 0, 1, 1))) == 0
    metadata = pyarrow.parquet.read_metadata(path).metadata
    geo = json.loads(metadata[b"geo"])
    assert geo["version"] == "1.1.0" and geo["columns"]["geometry"]["bbox"] == [west, south, east, north]
    if layer == "hazards":
        assert (frame.geometry.x == frame.lon_deg).all() and (frame.geometry.y == frame.lat_deg).all()
    found[layer] = {"rows": len(frame), "types": sorted(frame.geom_type.unique())}

info = pyogrio.read_info(folder / "hazards.geojson")
found["gdal"] = dict(zip(info["fields"].tolist(), info["dtypes"].tolist()))
found["gdal_rows"] = info["features"]

plain = folder / "plain.parquet"
found["plain"] = duckdb.sql(f"SELECT count(*) FROM '{plain}'").fetchone()[0]
with duckdb.connect(folder / "snapshot.duckdb", read_only=True) as snapshot:
    tables = snapshot.sql("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
    found["tables"] = {name: snapshot.table(name).count("*").fetchone()[0] for (name,) in tables}
    found["meta"] = snapshot.sql("SELECT format, audience FROM meta").fetchone()
    # A DuckDB that has the tables of a snapshot can attach it and go on.
    found["comment"] = snapshot.sql(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'hazard' AND column_name = 'hits_range'"
    ).fetchone()[0]

print(json.dumps(found))
