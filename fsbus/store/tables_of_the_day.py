"""The tables of an agent's day: circuit, queue, residents, appointments, workshops."""

TABLES = """
CREATE TABLE stops (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    commune TEXT CHECK (length(commune) = 5),
    place TEXT NOT NULL,
    opens_at TEXT NOT NULL CHECK (opens_at GLOB '??:??'),
    closes_at TEXT NOT NULL CHECK (closes_at GLOB '??:??'),
    starts_on TEXT NOT NULL CHECK (starts_on GLOB '????-??-??'),
    ends_on TEXT CHECK (ends_on GLOB '????-??-??'),
    recurrence TEXT NOT NULL,
    except_on TEXT NOT NULL CHECK (json_type(except_on) = 'array'),
    on_holidays INTEGER CHECK (on_holidays IN (0, 1)),
    contact TEXT NOT NULL,
    note TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE TABLE passages (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    stop_id TEXT CHECK (length(stop_id) = 36),
    day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
    commune TEXT CHECK (length(commune) = 5),
    place TEXT NOT NULL,
    opens_at TEXT CHECK (opens_at GLOB '??:??'),
    closes_at TEXT CHECK (closes_at GLOB '??:??'),
    cancelled TEXT,
    postponed_to TEXT CHECK (postponed_to GLOB '????-??-??'),
    arrived_at TEXT, opened_at TEXT, closed_at TEXT, left_at TEXT,
    agents TEXT NOT NULL CHECK (json_type(agents) = 'array'),
    equipment_ready TEXT NOT NULL CHECK (json_type(equipment_ready) = 'array'),
    equipment_faulty TEXT NOT NULL CHECK (json_type(equipment_faulty) = 'array'),
    network TEXT,
    kilometres INTEGER CHECK (kilometres >= 0),
    note TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE INDEX passages_by_day ON passages (day);
CREATE TABLE incidents (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
    commune TEXT CHECK (length(commune) = 5),
    what TEXT NOT NULL,
    started_at TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 1439),
    closed INTEGER CHECK (closed IN (0, 1)),
    note TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE INDEX incidents_by_day ON incidents (day);
CREATE TABLE attendances (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
    commune TEXT CHECK (length(commune) = 5),
    arrived INTEGER NOT NULL, received INTEGER NOT NULL, gave_up INTEGER NOT NULL, booked INTEGER NOT NULL,
    waited_minutes INTEGER NOT NULL,
    longest_wait INTEGER NOT NULL,
    by_hour TEXT CHECK (json_type(by_hour) = 'object'),
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE INDEX attendances_by_day ON attendances (day);
CREATE TABLE residents (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    family_name TEXT NOT NULL,
    given_name TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT NOT NULL,
    birth_year INTEGER CHECK (birth_year BETWEEN 1900 AND 2100),
    commune TEXT CHECK (length(commune) = 5),
    notice TEXT NOT NULL,
    notice_on TEXT NOT NULL CHECK (notice_on GLOB '????-??-??'),
    keep_until TEXT NOT NULL CHECK (keep_until GLOB '????-??-??'),
    code TEXT NOT NULL,
    note TEXT NOT NULL,
    merged_into TEXT CHECK (length(merged_into) = 36),
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE TABLE appointments (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
    starts_at TEXT NOT NULL CHECK (starts_at GLOB '??:??'),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 5 AND 480),
    commune TEXT CHECK (length(commune) = 5),
    place TEXT NOT NULL,
    stop_id TEXT CHECK (length(stop_id) = 36),
    resident_id TEXT CHECK (length(resident_id) = 36),
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    procedure TEXT NOT NULL,
    needed INTEGER NOT NULL CHECK (needed BETWEEN 1 AND 2),
    agents TEXT NOT NULL CHECK (json_type(agents) = 'array'),
    status TEXT NOT NULL,
    visit_id TEXT CHECK (length(visit_id) = 36),
    note TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE INDEX appointments_by_day ON appointments (day, starts_at);
CREATE TABLE workshops (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    agent_id TEXT NOT NULL CHECK (length(agent_id) = 36),
    day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
    starts_at TEXT CHECK (starts_at GLOB '??:??'),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 1439),
    commune TEXT CHECK (length(commune) = 5),
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    topics TEXT NOT NULL CHECK (json_type(topics) = 'array'),
    level TEXT,
    participants INTEGER NOT NULL CHECK (participants >= 1),
    came_before INTEGER CHECK (came_before >= 0),
    genders TEXT CHECK (json_type(genders) = 'object'),
    ages TEXT CHECK (json_type(ages) = 'object'),
    statuses TEXT CHECK (json_type(statuses) = 'object'),
    equipment_lent TEXT NOT NULL CHECK (json_type(equipment_lent) = 'array'),
    course TEXT NOT NULL,
    agents TEXT NOT NULL CHECK (json_type(agents) = 'array'),
    note TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE INDEX workshops_by_day ON workshops (day);
-- The queue at the door: of this laptop alone, never sent, emptied when the day is over.
CREATE TABLE tickets (
    number INTEGER NOT NULL CHECK (number > 0),
    day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
    arrived_at TEXT NOT NULL,
    called_at TEXT,
    left_at TEXT,
    how TEXT CHECK (how IN ('received', 'gave_up', 'booked')),
    agent_id TEXT CHECK (length(agent_id) = 36),
    PRIMARY KEY (day, number)
) STRICT, WITHOUT ROWID;
"""
