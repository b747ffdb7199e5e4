//! What the files and the snapshots hold, and what they say of themselves.

use super::*;

#[test]
fn every_format_carries_the_same_columns_and_rows() {
    let place = town();
    for (layer, audience) in releases() {
        let of = |format| place.exported(&export_of(layer, audience, format));
        let (parquet, geo) = (of(Format::Parquet), of(Format::GeoParquet));
        let names = columns_of(&parquet);
        let with_shapes = [&names[..], &["geometry".to_owned(), "bbox".to_owned()]].concat();
        assert_eq!(columns_of(&geo), with_shapes);
        let (csv, json) = (of(Format::Csv), of(Format::GeoJson));
        let header = fs::read_to_string(&csv).unwrap();
        assert_eq!(header.lines().next().unwrap(), names.join(","));
        let collection: serde_json::Value =
            serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
        let features = collection["features"].as_array().unwrap();
        for feature in features {
            let properties = feature["properties"].as_object().unwrap();
            let found: BTreeSet<&String> = properties.keys().collect();
            assert_eq!(found, names.iter().collect());
        }
        let counts: BTreeSet<u64> = [&parquet, &geo]
            .map(|path| {
                texts(&format!(
                    "SELECT count(*)::VARCHAR FROM read_parquet('{}')",
                    path.display()
                ))
            })
            .into_iter()
            .map(|count| count[0].parse().unwrap())
            .chain([features.len() as u64])
            .collect();
        assert_eq!(counts.len(), 1, "{layer} {audience}: {counts:?}");
        assert!(!counts.contains(&0), "{layer} {audience} is empty");
    }
}

#[test]
fn the_same_map_gives_the_same_bytes() {
    let place = town();
    for layer in [Layer::Hazards, Layer::Coverage, Layer::History] {
        for &format in Format::ALL {
            let export = export_of(layer, Audience::Public, format);
            let [first, second] = [(), ()].map(|()| fs::read(place.exported(&export)).unwrap());
            assert_eq!(first, second, "{layer} {format}");
        }
    }
}

#[test]
fn what_is_seldom_known_is_known_in_one_of_the_first_features() {
    let felt: Vec<f64> = Vec::new();
    let mut drives: Vec<Drive> = (0..40)
        .map(|day| {
            Drive::new("a", day)
                .on(MONDAY + day as i32)
                .felt(&[20.0 * (day % 9) as f64 + 10.0])
        })
        .collect();
    drives.push(Drive::new("b", 99).felt(&felt));
    let place = Place::mapped(&drives);
    let mut store = place.writer();
    let hazards = store.hazards(&HazardQuery::default()).unwrap();
    let last = hazards.last().unwrap();
    let seen = Inspection {
        hazard: Pin {
            id: last.id,
            at: last.position,
            heading: None,
        },
        found: true,
        kind: None,
        depth_mm: Some(40.0),
        width_mm: Some(200.0),
        owner: None,
        note: None,
    };
    store
        .say(&Said {
            id: SaidId::from_bytes([1; 8]),
            at_us: i64::from(MONDAY) * DAY_US,
            by: "Rui".to_owned(),
            what: What::Inspection(seen),
        })
        .unwrap();
    store.project().unwrap();
    drop(store);
    let file = place.exported(&export_of(Layer::Hazards, Audience::Staff, Format::GeoJson));
    let collection: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let features = collection["features"].as_array().unwrap();
    for name in [
        "depth_mm",
        "width_mm",
        "inspected_utc",
        "inspected_found",
        "first_utc",
    ] {
        let first = features.iter().take(2);
        let known = first.filter(|feature| !feature["properties"][name].is_null());
        assert!(known.count() > 0, "{name}");
    }
}

#[test]
fn geoparquet_says_what_version_1_1_asks_for() {
    let place = town();
    for (layer, kind) in [(Layer::Hazards, "Point"), (Layer::Coverage, "Polygon")] {
        let file = place.exported(&export_of(layer, Audience::Public, Format::GeoParquet));
        let path = file.display();
        let metadata = ask(&format!(
            "SELECT decode(key), decode(value) FROM parquet_kv_metadata('{path}')"
        ));
        let of_key = |key: &str| {
            let found = metadata
                .iter()
                .find(|row| row[0].as_deref() == Some(key))
                .unwrap();
            serde_json::from_str::<serde_json::Value>(found[1].as_ref().unwrap()).unwrap()
        };
        let geo = of_key("geo");
        assert_eq!(geo["version"], "1.1.0");
        assert_eq!(geo["primary_column"], "geometry");
        let column = &geo["columns"]["geometry"];
        assert_eq!(column["encoding"], "WKB");
        assert_eq!(column["geometry_types"], serde_json::json!([kind]));
        assert!(column.get("crs").is_none(), "OGC:CRS84 by default");
        let bbox: Vec<f64> = serde_json::from_value(column["bbox"].clone()).unwrap();
        assert!(
            bbox.len() == 4 && bbox[0] <= bbox[2] && bbox[1] <= bbox[3],
            "{bbox:?}"
        );
        let covering = &column["covering"]["bbox"];
        for edge in ["xmin", "ymin", "xmax", "ymax"] {
            assert_eq!(covering[edge], serde_json::json!(["bbox", edge]));
        }
        let about = of_key("jounce");
        assert_eq!(
            (&about["audience"], &about["k"]),
            (&"public".into(), &3.into())
        );
        assert_eq!(about["as_of_week"], "2026-W03");
        assert!(about.get("as_of_utc").is_none());
        let schema = ask(&format!(
            "SELECT name::VARCHAR, type::VARCHAR, repetition_type::VARCHAR, num_children::VARCHAR \
             FROM parquet_schema('{path}')"
        ));
        let text = |row: &[Option<String>]| {
            row.iter()
                .map(|value| value.as_deref().unwrap_or("-").to_owned())
                .collect::<Vec<_>>()
        };
        let geometry = schema
            .iter()
            .find(|row| row[0].as_deref() == Some("geometry"))
            .unwrap();
        let [_, kind, repetition, children] = &text(geometry)[..] else {
            panic!("four values were asked for");
        };
        assert_eq!([kind, children], ["BYTE_ARRAY", "-"]);
        assert_ne!(repetition, "REPEATED");
        let bbox = schema
            .iter()
            .position(|row| row[0].as_deref() == Some("bbox"))
            .unwrap();
        let edges: Vec<_> = schema[bbox + 1..bbox + 5]
            .iter()
            .map(|row| text(row)[..2].join(" "))
            .collect();
        assert_eq!(
            edges,
            ["xmin DOUBLE", "ymin DOUBLE", "xmax DOUBLE", "ymax DOUBLE"]
        );
        let zstd = format!("SELECT DISTINCT compression FROM parquet_metadata('{path}')");
        assert_eq!(texts(&zstd), ["ZSTD"]);
    }
}

#[test]
fn a_snapshot_says_what_it_is_and_what_its_columns_mean() {
    let place = town();
    for &audience in Audience::ALL {
        let out = place.folder.path().join(format!("{audience}.duckdb"));
        let store = place.open(Mode::Read).unwrap();
        store.snapshot(audience, &out, false).unwrap();
        drop(store);
        let config = duckdb::Config::default()
            .access_mode(duckdb::AccessMode::ReadOnly)
            .unwrap();
        let db = Connection::open_with_flags(&out, config).unwrap();
        let one = |sql: &str| {
            db.query_row(sql, [], |row| row.get::<_, Option<String>>(0))
                .unwrap()
        };
        let tables = "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM duckdb_tables()";
        let expected = match audience {
            Audience::Public => "coverage hazard history meta",
            Audience::Staff => "act coverage hazard history meta",
            Audience::Research => "bump coverage hazard history meta",
        };
        assert_eq!(one(tables).as_deref(), Some(expected));
        let meta = "SELECT concat_ws(' ', format, snapshot_version, audience, k, as_of_week, \
                    as_of_utc IS NULL) FROM meta";
        let expected = match audience {
            Audience::Public => "jounce snapshot 1 public 3 2026-W03 true".to_owned(),
            audience => format!("jounce snapshot 1 {audience} 2026-W03 false"),
        };
        assert_eq!(one(meta), Some(expected));
        let mute = "SELECT string_agg(table_name || '.' || column_name, ' ') FROM duckdb_columns() \
                    WHERE NOT internal AND comment IS NULL AND table_name <> 'meta'";
        assert_eq!(one(mute), None);
        let version =
            one("SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal");
        assert!(version.unwrap().starts_with("v1.5.0"));
    }
}

#[test]
fn the_schema_page_names_every_column_that_leaves_the_map() {
    let page = include_str!("../../../../SCHEMA.md");
    let place = town();
    for (layer, audience) in releases() {
        let path = place.exported(&export_of(layer, audience, Format::Parquet));
        assert!(page.contains(&format!("### {layer}")), "{layer}");
        for column in columns_of(&path) {
            let is_in_a_row = ["band_", "p_"]
                .iter()
                .any(|start| column.starts_with(start));
            assert!(
                is_in_a_row || page.contains(&format!("`{column}`")),
                "{layer}: {column}"
            );
        }
    }
}
