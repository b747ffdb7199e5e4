-- From version 4 of the schema to version 5: evidence that is old enough is sealed, and sums stay in
-- its place.

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

UPDATE meta SET schema_version = 5, projected_revision = NULL;
