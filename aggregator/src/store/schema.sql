-- The map: tables of facts, and the projection that is rebuilt from them. SCHEMA.md explains
-- every table. No keys and no indexes: spatial order does their work.

CREATE TABLE meta (
    format              VARCHAR NOT NULL,
    schema_version      INTEGER NOT NULL,
    fact_revision       BIGINT NOT NULL,
    projected_revision  BIGINT,
    projected_config    VARCHAR,
    as_of_utc           TIMESTAMP
);

-- Whose roads they are, and where their days begin: one row.
CREATE TABLE area (
    id                  VARCHAR NOT NULL,
    time_zone           VARCHAR NOT NULL,
    name                VARCHAR,
    west_deg            DOUBLE,
    south_deg           DOUBLE,
    east_deg            DOUBLE,
    north_deg           DOUBLE,
    languages           VARCHAR NOT NULL,
    operator            VARCHAR,
    contact             VARCHAR,
    licence             VARCHAR,
    k                   UINTEGER,
    retention_days      UINTEGER
);

-- Facts ------------------------------------------------------------------------------------------

CREATE TABLE trip (
    trip_no             UINTEGER NOT NULL,
    trip                VARCHAR NOT NULL,
    driver              VARCHAR NOT NULL,
    season              VARCHAR NOT NULL,
    stamp_day           DATE,
    vehicle             VARCHAR NOT NULL,
    detector            VARCHAR NOT NULL,
    detector_version    VARCHAR NOT NULL,
    detector_config     VARCHAR NOT NULL,
    messages            UINTEGER NOT NULL,
    digest              VARCHAR NOT NULL,
    first_us            BIGINT NOT NULL,
    last_us             BIGINT NOT NULL,
    area                VARCHAR,
    iso_week            VARCHAR,
    utc_day             DATE
);

CREATE TABLE bump (
    trip_no             UINTEGER NOT NULL,
    bump_no             UINTEGER NOT NULL,
    begin_us            BIGINT NOT NULL,
    peak_us             BIGINT NOT NULL,
    end_us              BIGINT NOT NULL,
    score               FLOAT NOT NULL,
    probability         FLOAT NOT NULL,
    channel             VARCHAR NOT NULL,
    kind                VARCHAR NOT NULL,
    p_pothole           FLOAT NOT NULL,
    p_speed_bump        FLOAT NOT NULL,
    p_casting           FLOAT NOT NULL,
    p_rail              FLOAT NOT NULL,
    p_joint             FLOAT NOT NULL,
    p_rough             FLOAT NOT NULL,
    p_other             FLOAT NOT NULL,
    severity_mps2       FLOAT,
    saturated           BOOLEAN NOT NULL,
    lat_deg             DOUBLE,
    lon_deg             DOUBLE,
    sigma_m             FLOAT,
    heading_deg         DOUBLE,
    peak_mps2           FLOAT NOT NULL,
    width_s             FLOAT NOT NULL,
    speed_mps           DOUBLE,
    rate_hz             FLOAT NOT NULL,
    band_1_rms_mps2     FLOAT,
    band_2_rms_mps2     FLOAT,
    band_3_rms_mps2     FLOAT,
    band_4_rms_mps2     FLOAT,
    band_5_rms_mps2     FLOAT,
    body_score          FLOAT,
    impact_score        FLOAT,
    horizontal_ratio    FLOAT NOT NULL
);

CREATE TABLE stretch (
    trip_no             UINTEGER NOT NULL,
    stretch_no          UINTEGER NOT NULL,
    begin_us            BIGINT NOT NULL,
    end_us              BIGINT NOT NULL,
    length_m            DOUBLE NOT NULL,
    sigma_m             FLOAT NOT NULL,
    heading_deg         DOUBLE,
    speed_mps           DOUBLE,
    able                BOOLEAN NOT NULL,
    rms_mps2            FLOAT,
    band_1_rms_mps2     FLOAT,
    band_2_rms_mps2     FLOAT,
    band_3_rms_mps2     FLOAT,
    band_4_rms_mps2     FLOAT,
    band_5_rms_mps2     FLOAT,
    iri_m_per_km        FLOAT,
    road_class          VARCHAR,
    south_deg           DOUBLE,
    north_deg           DOUBLE,
    path_us             BIGINT[] NOT NULL,
    path_lat_deg        DOUBLE[] NOT NULL,
    path_lon_deg        DOUBLE[] NOT NULL
);

CREATE TABLE skipped (
    trip_no             UINTEGER NOT NULL,
    skipped_no          UINTEGER NOT NULL,
    begin_us            BIGINT NOT NULL,
    end_us              BIGINT NOT NULL,
    reason              VARCHAR NOT NULL
);

-- Trips that their driver withdrew: they are never taken in again.
CREATE TABLE withdrawn (
    trip                VARCHAR NOT NULL
);

-- How far each inbox has been taken in.
CREATE TABLE taken (
    inbox               VARCHAR NOT NULL,
    position            UBIGINT NOT NULL
);

-- What people said: act, inspection or report, as one line of acts.jsonl.
CREATE TABLE said (
    id                  VARCHAR NOT NULL,
    at_utc              TIMESTAMP NOT NULL,
    said_by             VARCHAR NOT NULL,
    what                VARCHAR NOT NULL,
    hazard              VARCHAR,
    line                VARCHAR NOT NULL,
    area                VARCHAR
);

-- Something in the road that the city knows of, from an imported layer.
CREATE TABLE known_feature (
    id                  VARCHAR NOT NULL,
    kind                VARCHAR NOT NULL,
    owner               VARCHAR,
    lat_deg             DOUBLE NOT NULL,
    lon_deg             DOUBLE NOT NULL,
    area                VARCHAR
);

-- What is left of sealed evidence --------------------------------------------------------------

-- Every time that evidence was sealed.
CREATE TABLE sealing (
    sealed_before       DATE NOT NULL,
    newest_us           BIGINT,
    trips               UBIGINT NOT NULL,
    bumps               UBIGINT NOT NULL,
    stretches           UBIGINT NOT NULL,
    length_m            DOUBLE NOT NULL,
    area                VARCHAR
);

-- Rows were deleted that the file still holds; writing it anew empties this table.
CREATE TABLE to_erase (
    fact_revision       BIGINT NOT NULL
);

-- Trips that were sealed: they are never taken in again.
CREATE TABLE sealed_trip (
    seal                VARCHAR NOT NULL
);

-- What people had said when evidence was sealed.
CREATE TABLE sealed_said (
    id                  VARCHAR NOT NULL
);

-- What sealed bumps and passes say of a place, as the fold goes on from there.
CREATE TABLE settled (
    tile_band           INTEGER NOT NULL,
    tile_column         INTEGER NOT NULL,
    settled_no          UINTEGER NOT NULL,
    hazard              VARCHAR NOT NULL,
    own                 BOOLEAN NOT NULL,
    line                VARCHAR NOT NULL
);

-- What sealed passes taught of a detector, week by week.
CREATE TABLE rates (
    detector            VARCHAR NOT NULL,
    detector_version    VARCHAR NOT NULL,
    detector_config     VARCHAR NOT NULL,
    monday              DATE NOT NULL,
    felt                UINTEGER NOT NULL,
    missed              UINTEGER NOT NULL,
    alone               UINTEGER NOT NULL,
    able_m              UBIGINT NOT NULL
);

-- Which road sealed trips passed; columns as in coverage.
CREATE TABLE sealed_coverage (
    cell                UBIGINT NOT NULL,
    octant              UTINYINT NOT NULL,
    iso_week            VARCHAR,
    passes              UINTEGER NOT NULL,
    able_passes         UINTEGER NOT NULL,
    drivers             UINTEGER NOT NULL,
    rough_passes        UINTEGER NOT NULL,
    log_rms_sum_micro   BIGINT NOT NULL,
    speed_passes        UINTEGER NOT NULL,
    speed_sum_mmps      BIGINT NOT NULL
);

-- Projection -------------------------------------------------------------------------------------

CREATE TABLE hazard (
    id                  VARCHAR NOT NULL,
    site                VARCHAR NOT NULL,
    kind                VARCHAR NOT NULL,
    kind_probability    DOUBLE NOT NULL,
    lat_deg             DOUBLE NOT NULL,
    lon_deg             DOUBLE NOT NULL,
    sigma_m             DOUBLE NOT NULL,
    heading_deg         DOUBLE,
    confidence          DOUBLE NOT NULL,
    evidence_state      VARCHAR NOT NULL,
    remark              VARCHAR,
    hits                UINTEGER NOT NULL,
    passes              UINTEGER NOT NULL,
    drivers             UINTEGER NOT NULL,
    reports             UINTEGER NOT NULL,
    detection           DOUBLE NOT NULL,
    severity_mps2       DOUBLE,
    first_utc           TIMESTAMP,
    last_utc            TIMESTAMP,
    last_pass_utc       TIMESTAMP,
    work_state          VARCHAR NOT NULL,
    work_since_utc      TIMESTAMP,
    close_reason        VARCHAR,
    owner               VARCHAR,
    order_no            VARCHAR,
    inspected_utc       TIMESTAMP,
    inspected_found     BOOLEAN,
    inspected_kind      VARCHAR,
    depth_mm            DOUBLE,
    width_mm            DOUBLE,
    feature             VARCHAR,
    feature_kind        VARCHAR,
    feature_owner       VARCHAR,
    feature_lat_deg     DOUBLE,
    feature_lon_deg     DOUBLE,
    -- Where that is in somebody's network: labels, not keys.
    segment_id          VARCHAR,
    network_version     VARCHAR,
    from_m              DOUBLE,
    to_m                DOUBLE,
    lane                VARCHAR,
    district            VARCHAR
);

-- What hazards are called in other systems.
CREATE TABLE reference (
    hazard              VARCHAR NOT NULL,
    system              VARCHAR NOT NULL,
    id                  VARCHAR NOT NULL,
    url                 VARCHAR,
    status              VARCHAR,
    at_utc              TIMESTAMP NOT NULL
);

-- When the evidence moved a hazard to another state.
CREATE TABLE hazard_move (
    hazard              VARCHAR NOT NULL,
    move_no             UINTEGER NOT NULL,
    at_utc              TIMESTAMP NOT NULL,
    state               VARCHAR NOT NULL,
    hits                UINTEGER NOT NULL,
    passes              UINTEGER NOT NULL
);

-- How a hazard was felt, week by week.
CREATE TABLE hazard_week (
    hazard              VARCHAR NOT NULL,
    week_no             UINTEGER NOT NULL,
    monday              DATE,
    hits                UINTEGER NOT NULL,
    passes              UINTEGER NOT NULL,
    severities          UINTEGER NOT NULL,
    severity_sum_mmps2  BIGINT NOT NULL
);

-- Names that were joined into others.
CREATE TABLE duplicate (
    hazard              VARCHAR NOT NULL,
    duplicate_of        VARCHAR NOT NULL
);

-- Which hazard each citizen's report is of.
CREATE TABLE reported (
    report              VARCHAR NOT NULL,
    hazard              VARCHAR NOT NULL
);

CREATE TABLE coverage (
    cell                UBIGINT NOT NULL,
    octant              UTINYINT NOT NULL,
    iso_week            VARCHAR,
    passes              UINTEGER NOT NULL,
    able_passes         UINTEGER NOT NULL,
    drivers             UINTEGER NOT NULL,
    rough_passes        UINTEGER NOT NULL,
    log_rms_sum_micro   BIGINT NOT NULL,
    speed_passes        UINTEGER NOT NULL,
    speed_sum_mmps      BIGINT NOT NULL,
    -- As of a hazard.
    segment_id          VARCHAR,
    network_version     VARCHAR,
    from_m              DOUBLE,
    to_m                DOUBLE,
    lane                VARCHAR,
    district            VARCHAR
);
