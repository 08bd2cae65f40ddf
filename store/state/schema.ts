/**
 * The state database. Forward-only: a step, once released, never changes; a new one is added behind it.
 *
 * `rev` in `sighting` and `revision` in `device` are change counters: whoever shows something asks for what changed after
 * the number it has seen. `alarm_one_open` is what makes "one open alarm per source and type" atomic.
 */
export const STATE_SCHEMA = [
  `
CREATE TABLE place (
  id TEXT PRIMARY KEY, parent_id TEXT, kind TEXT NOT NULL, name TEXT NOT NULL, lon REAL, lat REAL, contact TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, model TEXT, place_id TEXT, gateway_id TEXT,
  lon REAL, lat REAL, disabled INTEGER NOT NULL DEFAULT 0, rhythm_s INTEGER, secret_hash BLOB NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_gateway ON device (gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX device_by_revision ON device (revision);
CREATE TABLE device_removed (id TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('registry_revision', 0), ('sighting_rev', 0), ('readings', 0), ('last_reading_at', 0);

CREATE TABLE cursor (cursor TEXT NOT NULL, lane TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (cursor, lane)) STRICT, WITHOUT ROWID;

CREATE TABLE sighting (
  device_id TEXT PRIMARY KEY, rev INTEGER NOT NULL, last_heard_at INTEGER, connected INTEGER NOT NULL DEFAULT 0,
  latest TEXT NOT NULL DEFAULT '{}', attributes TEXT NOT NULL DEFAULT '{}'
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_by_rev ON sighting (rev);

CREATE TABLE detector (device_id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE alarm (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, device_id TEXT, place_id TEXT, type TEXT NOT NULL, severity TEXT NOT NULL,
  state TEXT NOT NULL, raised_at INTEGER NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX alarm_one_open ON alarm (source, type) WHERE state <> 'CLEARED_ACK';
CREATE INDEX alarm_by_device ON alarm (device_id, raised_at);
CREATE INDEX alarm_by_time ON alarm (raised_at);

CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL, alarm_id TEXT, command_id TEXT, actor TEXT,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_alarm ON event (alarm_id) WHERE alarm_id IS NOT NULL;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, device_id TEXT NOT NULL, lane TEXT NOT NULL, journal_seq INTEGER NOT NULL,
  topic TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX quarantine_once ON quarantine (lane, journal_seq, device_id, reason);
CREATE INDEX quarantine_by_device ON quarantine (device_id, id);
CREATE INDEX quarantine_by_reason ON quarantine (reason, id);

CREATE TABLE rejection (
  reason TEXT NOT NULL, device_id TEXT NOT NULL, count INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  last_detail TEXT NOT NULL, PRIMARY KEY (reason, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE role_metric (role TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (role, name)) STRICT, WITHOUT ROWID;

CREATE TABLE user (
  name TEXT PRIMARY KEY, role TEXT NOT NULL, password_hash TEXT, created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE link (token_hash BLOB PRIMARY KEY, user_name TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE session (
  token_hash BLOB PRIMARY KEY, user_name TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE token (name TEXT PRIMARY KEY, role TEXT NOT NULL, token_hash BLOB NOT NULL UNIQUE, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
`,
  // How a device shows who it is. A removed device keeps its generation: added again, its old keys must stay dead. The
  // deny list holds ids that may be registered or not: a stolen key counts for nothing whatever the registry says.
  `
ALTER TABLE device ADD COLUMN identity TEXT NOT NULL DEFAULT 'secret';
ALTER TABLE device ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
ALTER TABLE device_removed ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
CREATE TABLE device_denied (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`,
  `
-- What a session's owner is shown of it; what ended while nobody looked stays ended over a restart.
ALTER TABLE session ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN by_link INTEGER NOT NULL DEFAULT 0;
UPDATE session SET last_used_at = unixepoch() * 1000;
CREATE INDEX session_by_user ON session (user_name);
ALTER TABLE user ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;

-- Browsers that a person has signed in with before: their lane at the sign-in, apart from whoever guesses. One console
-- serves every shift.
CREATE TABLE known_device (
  token_hash BLOB NOT NULL, user_name TEXT NOT NULL, last_used_at INTEGER NOT NULL, PRIMARY KEY (token_hash, user_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_device_by_user ON known_device (user_name, last_used_at);

-- Grows whenever somebody may do less, or something else, than a moment ago, whoever writes it: open sockets ask for it.
INSERT INTO counter VALUES ('access_revision', 0);
CREATE TRIGGER access_session_ended AFTER DELETE ON session
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'access_revision'; END;
CREATE TRIGGER access_user_changed AFTER UPDATE ON user
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'access_revision'; END;
CREATE TRIGGER access_user_removed AFTER DELETE ON user
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'access_revision'; END;
CREATE TRIGGER access_token_changed AFTER UPDATE ON token
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'access_revision'; END;
CREATE TRIGGER access_token_removed AFTER DELETE ON token
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'access_revision'; END;

CREATE TABLE resident (
  id TEXT PRIMARY KEY, place_id TEXT NOT NULL, name TEXT NOT NULL, room TEXT NOT NULL, relative_phone TEXT,
  health TEXT NOT NULL, note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX resident_by_place ON resident (place_id, id);
`,
  `
-- What decoding a record anew needs beyond its bytes. Of older rows the topic says it; a gateway's child names its gateway.
ALTER TABLE quarantine ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN arg TEXT NOT NULL DEFAULT '';
-- The detail without its numbers: a broken firmware says the same thing a thousand times with another value.
ALTER TABLE quarantine ADD COLUMN pattern TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN tried_at INTEGER;
ALTER TABLE quarantine ADD COLUMN tried_by TEXT;
UPDATE quarantine SET pattern = detail,
  kind = CASE WHEN topic = 'v1/gateway/telemetry' THEN 'gateway' WHEN topic LIKE 'v1/devices/%/telemetry' THEN 'telemetry'
    WHEN topic LIKE 'v1/devices/%/attributes' THEN 'attributes' WHEN topic LIKE 'v1/devices/%/raw/%' THEN 'raw' ELSE topic END,
  arg = CASE WHEN topic LIKE 'v1/devices/%/raw/%' THEN substr(topic, length('v1/devices/' || device_id || '/raw/') + 1) ELSE '' END,
  sender = CASE WHEN topic = 'v1/gateway/telemetry'
    THEN coalesce((SELECT d.gateway_id FROM device d WHERE d.id = quarantine.device_id), device_id) ELSE device_id END;
CREATE INDEX quarantine_alike ON quarantine (replayed, reason, device_id, pattern, at);
CREATE INDEX quarantine_by_time ON quarantine (at);

-- Append-only: who could write to it through Hydrant cannot change what stands there, nor replace a row by its number.
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_never_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE INDEX audit_by_target ON audit (target, id);
`,
  '-- See spare-room.ts.\nCREATE TABLE spare (room BLOB) STRICT;',
  `
-- Rows of one state lie in the order of their ids: a replay reads the oldest that wait, a page the newest.
CREATE INDEX quarantine_by_state ON quarantine (replayed);
`,
  `
-- What devices are asked. The number is the request number over MQTT.
CREATE TABLE downlink (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, device_id TEXT NOT NULL, request TEXT NOT NULL,
  at INTEGER NOT NULL, expires_at INTEGER NOT NULL, sent_at INTEGER, settled_at INTEGER, outcome TEXT
) STRICT;
CREATE INDEX downlink_waiting ON downlink (n) WHERE outcome IS NULL;
`,
  `
-- The source address in GB/T 26875.3 frames, and where they may come from: addresses and networks, separated by commas.
ALTER TABLE device ADD COLUMN gb_address INTEGER;
ALTER TABLE device ADD COLUMN gb_from TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX device_by_gb_address ON device (gb_address) WHERE gb_address IS NOT NULL;
`,
  `
-- Limits of detection that a person changed, as JSON: of one device, or of everything at or below a place.
ALTER TABLE device ADD COLUMN limits TEXT;
ALTER TABLE place ADD COLUMN limits TEXT;
CREATE INDEX device_with_limits ON device (id) WHERE limits IS NOT NULL;
CREATE INDEX place_with_limits ON place (id) WHERE limits IS NOT NULL;
`,
  `
-- What is known of a home besides its devices. Images lie beside the databases, under their SHA-256 (ADR 24).
CREATE TABLE staff (
  id TEXT PRIMARY KEY, place_id TEXT NOT NULL, name TEXT NOT NULL, duty TEXT NOT NULL, phone TEXT NOT NULL,
  from_clock TEXT NOT NULL, to_clock TEXT NOT NULL, days TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_by_place ON staff (place_id, id);
CREATE TABLE responder (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL, lon REAL, lat REAL, serves TEXT,
  engines INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX responder_by_serves ON responder (serves);
CREATE TABLE floor_plan (
  place_id TEXT PRIMARY KEY, image_id TEXT NOT NULL, media_type TEXT NOT NULL, width INTEGER NOT NULL,
  height INTEGER NOT NULL, revision INTEGER NOT NULL, pins TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hazard (
  id TEXT PRIMARY KEY, place_id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, due_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hazard_by_deadline ON hazard (due_at, id);
CREATE INDEX hazard_unclosed ON hazard (place_id, due_at) WHERE state <> 'closed';
CREATE TABLE hazard_event (
  n INTEGER PRIMARY KEY AUTOINCREMENT, hazard_id TEXT NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  verdict TEXT, photograph_id TEXT, comment TEXT NOT NULL
) STRICT;
CREATE INDEX hazard_event_by_hazard ON hazard_event (hazard_id, n);
-- Append-only, as the audit is.
CREATE TRIGGER hazard_event_never_changes BEFORE UPDATE ON hazard_event
  BEGIN SELECT RAISE(ABORT, 'the history of a hazard is append-only'); END;
CREATE TRIGGER hazard_event_never_shrinks BEFORE DELETE ON hazard_event
  BEGIN SELECT RAISE(ABORT, 'the history of a hazard is append-only'); END;
CREATE TRIGGER hazard_event_never_replaced BEFORE INSERT ON hazard_event
  WHEN EXISTS (SELECT 1 FROM hazard_event WHERE n = NEW.n)
  BEGIN SELECT RAISE(ABORT, 'the history of a hazard is append-only'); END;
`,
  `
-- Incidents, watch modes and duty checks are decided by ingest with its cursor. All events of an incident are found by it.
CREATE TABLE incident (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, premises_id TEXT, noticed_at INTEGER NOT NULL,
  closed_at INTEGER, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_open ON incident (noticed_at, id) WHERE state <> 'closed';
CREATE INDEX incident_by_time ON incident (noticed_at, id);
CREATE INDEX incident_by_premises ON incident (premises_id, noticed_at, id);
CREATE INDEX incident_by_closing ON incident (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE watch_mode (target TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE place_reset (place_id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE duty_check (
  id TEXT PRIMARY KEY, place_id TEXT NOT NULL, asked_at INTEGER NOT NULL, open INTEGER NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX duty_check_open ON duty_check (id) WHERE open = 1;
CREATE INDEX duty_check_by_time ON duty_check (asked_at, id);
CREATE INDEX duty_check_by_place ON duty_check (place_id, asked_at, id);

ALTER TABLE event ADD COLUMN incident_id TEXT;
CREATE INDEX event_by_incident ON event (incident_id) WHERE incident_id IS NOT NULL;
ALTER TABLE alarm ADD COLUMN incident_id TEXT;
CREATE INDEX alarm_by_incident ON alarm (incident_id, raised_at, id) WHERE incident_id IS NOT NULL;

-- Places are few and change seldom: who holds all of them in memory asks for this.
INSERT INTO counter VALUES ('place_revision', 0);
CREATE TRIGGER place_added AFTER INSERT ON place
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'place_revision'; END;
CREATE TRIGGER place_changed AFTER UPDATE ON place
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'place_revision'; END;
CREATE TRIGGER place_removed AFTER DELETE ON place
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'place_revision'; END;
-- Detectors and panels, a few among a city's meters: supervision and duty checks know them by place.
CREATE INDEX device_of_fire_and_care ON device (id) WHERE kind NOT IN ('water-meter', 'bulk-meter', 'pressure-sensor',
  'level-sensor', 'quality-sensor', 'rain-gauge', 'valve', 'temperature-sensor', 'gateway');
`,
  `
-- Who is told of incidents, by what. Settings, secrets and rules are JSON; the secrets leave this file only to the channel itself.
CREATE TABLE channel (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL UNIQUE, settings TEXT NOT NULL, secrets TEXT NOT NULL,
  rules TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, disabled_why TEXT, created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- What is to be told, and its fate. A channel's name stays with its messages when the channel is gone.
CREATE TABLE outbox (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, incident_id TEXT NOT NULL, channel_id TEXT NOT NULL,
  channel_name TEXT NOT NULL, occasion TEXT NOT NULL, step INTEGER NOT NULL, urgent INTEGER NOT NULL, body TEXT NOT NULL,
  created_at INTEGER NOT NULL, queued_at INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
  attempts INTEGER NOT NULL DEFAULT 0, settled_at INTEGER, last_error TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (channel_id, urgent, attempts, n) WHERE state = 'waiting';
CREATE INDEX outbox_gave_up ON outbox (n) WHERE state = 'gave-up';
CREATE INDEX outbox_by_incident ON outbox (incident_id, n);
CREATE INDEX outbox_by_channel ON outbox (channel_id, settled_at);
-- Letters that went out, for a channel's limit a minute: several messages may have gone in one.
CREATE TABLE outbox_letter (channel_id TEXT NOT NULL, at INTEGER NOT NULL, n INTEGER PRIMARY KEY) STRICT;

INSERT INTO counter VALUES ('channel_revision', 0), ('outbox_revision', 0);
CREATE TRIGGER channel_added AFTER INSERT ON channel
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'channel_revision'; END;
CREATE TRIGGER channel_changed AFTER UPDATE ON channel
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'channel_revision'; END;
CREATE TRIGGER channel_removed AFTER DELETE ON channel
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'channel_revision'; END;
CREATE TRIGGER outbox_filled AFTER INSERT ON outbox
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'outbox_revision'; END;
CREATE TRIGGER outbox_refilled AFTER UPDATE OF state ON outbox WHEN NEW.state = 'waiting'
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'outbox_revision'; END;
`,
  `
-- Drills that were held, from the modes that a drill is announced with: a mode is forgotten when it is over. Whatever a
-- mode leaves unsaid must not keep ingest from storing its decision.
CREATE TABLE drill (
  place_id TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (place_id, since)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER drill_announced AFTER INSERT ON watch_mode
  WHEN json_extract(NEW.body, '$.mode') = 'drill' AND json_extract(NEW.body, '$.placeId') IS NOT NULL
  BEGIN INSERT OR REPLACE INTO drill SELECT json_extract(NEW.body, '$.placeId'),
    coalesce(json_extract(NEW.body, '$.since'), 0), coalesce(json_extract(NEW.body, '$.until'), 0),
    coalesce(json_extract(NEW.body, '$.by'), ''), coalesce(json_extract(NEW.body, '$.reason'), ''); END;
CREATE TRIGGER drill_changed AFTER UPDATE ON watch_mode
  WHEN json_extract(NEW.body, '$.mode') = 'drill' AND json_extract(NEW.body, '$.placeId') IS NOT NULL
  BEGIN INSERT OR REPLACE INTO drill SELECT json_extract(NEW.body, '$.placeId'),
    coalesce(json_extract(NEW.body, '$.since'), 0), coalesce(json_extract(NEW.body, '$.until'), 0),
    coalesce(json_extract(NEW.body, '$.by'), ''), coalesce(json_extract(NEW.body, '$.reason'), ''); END;
`,
  `
-- Ingest holds the staff of all homes in memory: whether somebody can go and look is asked with every fire alarm.
INSERT INTO counter VALUES ('staff_revision', 0);
CREATE TRIGGER staff_added AFTER INSERT ON staff
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'staff_revision'; END;
CREATE TRIGGER staff_changed AFTER UPDATE ON staff
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'staff_revision'; END;
CREATE TRIGGER staff_removed AFTER DELETE ON staff
  BEGIN UPDATE counter SET value = value + 1 WHERE name = 'staff_revision'; END;
`,
  `
-- Repair work orders; what was done and said of one is only ever added to. One order at a time for a zone or a meter.
CREATE TABLE work_order (
  id TEXT NOT NULL PRIMARY KEY, subject TEXT NOT NULL, subject_id TEXT NOT NULL, state TEXT NOT NULL,
  stage INTEGER NOT NULL, due_at INTEGER NOT NULL, verdict_at INTEGER, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX work_order_by_due ON work_order (stage, due_at, id);
CREATE UNIQUE INDEX work_order_open ON work_order (subject, subject_id) WHERE stage < 2;
CREATE TABLE work_order_event (n INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX work_order_event_of ON work_order_event (order_id, n);
CREATE TRIGGER work_order_event_stays BEFORE UPDATE ON work_order_event
  BEGIN SELECT raise(ABORT, 'the history of a work order is append-only'); END;
CREATE TRIGGER work_order_event_kept BEFORE DELETE ON work_order_event
  BEGIN SELECT raise(ABORT, 'the history of a work order is append-only'); END;
`,
  `
-- Where meters stood, and since when: the first place counts since ever, or what a meter had stored before it was
-- registered would be nobody's. Whoever moves or removes a meter writes it here without knowing. (Not "OR REPLACE": a
-- trigger takes the conflict clause of the statement that fired it.)
CREATE TABLE placement (
  device_id TEXT NOT NULL, from_at INTEGER NOT NULL, place_id TEXT, PRIMARY KEY (device_id, from_at)
) STRICT, WITHOUT ROWID;
INSERT INTO placement SELECT id, 0, place_id FROM device WHERE kind IN ('water-meter', 'bulk-meter');
CREATE TRIGGER meter_placed AFTER INSERT ON device WHEN NEW.kind IN ('water-meter', 'bulk-meter')
  BEGIN INSERT INTO placement SELECT NEW.id,
    iif(EXISTS (SELECT 1 FROM placement WHERE device_id = NEW.id AND place_id IS NOT NULL),
      CAST(unixepoch('subsec') * 1000 AS INTEGER), 0), NEW.place_id WHERE true
    ON CONFLICT (device_id, from_at) DO UPDATE SET place_id = excluded.place_id; END;
CREATE TRIGGER meter_moved AFTER UPDATE OF place_id, kind ON device
  WHEN NEW.kind IN ('water-meter', 'bulk-meter') AND NOT EXISTS (
    SELECT 1 FROM placement WHERE device_id = NEW.id AND place_id IS NEW.place_id
      AND from_at = (SELECT max(from_at) FROM placement WHERE device_id = NEW.id))
  BEGIN INSERT INTO placement SELECT NEW.id,
    iif(EXISTS (SELECT 1 FROM placement WHERE device_id = NEW.id AND place_id IS NOT NULL),
      CAST(unixepoch('subsec') * 1000 AS INTEGER), 0), NEW.place_id WHERE true
    ON CONFLICT (device_id, from_at) DO UPDATE SET place_id = excluded.place_id; END;
CREATE TRIGGER meter_removed AFTER DELETE ON device WHEN OLD.kind IN ('water-meter', 'bulk-meter')
  BEGIN INSERT INTO placement VALUES (OLD.id, CAST(unixepoch('subsec') * 1000 AS INTEGER), NULL)
    ON CONFLICT (device_id, from_at) DO UPDATE SET place_id = NULL; END;
CREATE TABLE meter_exchange (
  device_id TEXT NOT NULL, at INTEGER NOT NULL, last_l INTEGER, first_l INTEGER, PRIMARY KEY (device_id, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE bulk_flow (
  device_id TEXT NOT NULL, from_at INTEGER NOT NULL, into_zone TEXT, out_of TEXT, PRIMARY KEY (device_id, from_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_meter ON device (id) WHERE kind = 'bulk-meter';

-- Accounts. A day (24 h UTC) of a zone in one row, packed (ADR 30).
CREATE TABLE zone_day (
  zone TEXT NOT NULL, day INTEGER NOT NULL, revision INTEGER NOT NULL, sums BLOB NOT NULL, PRIMARY KEY (zone, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX zone_day_by_revision ON zone_day (revision);
CREATE TABLE zone_count (
  zone TEXT NOT NULL, part TEXT NOT NULL, hour INTEGER NOT NULL, change INTEGER NOT NULL, PRIMARY KEY (zone, part, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE zone_meter (id TEXT PRIMARY KEY, memberships TEXT NOT NULL, tapes BLOB NOT NULL) STRICT;
CREATE TABLE zone_night (
  zone TEXT NOT NULL, day INTEGER NOT NULL, loss REAL NOT NULL, inflow REAL NOT NULL, expected REAL, low REAL, high REAL,
  reported REAL NOT NULL, bulk_reported REAL NOT NULL, verdict TEXT NOT NULL, judged_at INTEGER NOT NULL,
  PRIMARY KEY (zone, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE zone_state (zone TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('zone_revision', 0), ('zones_followed_registry', -1), ('zones_followed_places', -1);
`,
  `
-- Who lives alone and is watched by their water meter (ADR 32). Column facts: what detection needs, read with the device.
CREATE TABLE alone (
  device_id TEXT PRIMARY KEY, body TEXT NOT NULL, away TEXT, judged_from INTEGER NOT NULL, facts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE alone_event (
  n INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, by TEXT,
  answer TEXT, stage TEXT, contact INTEGER, away_from INTEGER, away_until INTEGER, incident_id TEXT, note TEXT NOT NULL
) STRICT;
CREATE INDEX alone_event_of ON alone_event (device_id, n);
CREATE TRIGGER alone_event_stays BEFORE UPDATE ON alone_event
  BEGIN SELECT raise(ABORT, 'the history of a watched person is append-only'); END;
CREATE TRIGGER alone_event_kept BEFORE DELETE ON alone_event
  BEGIN SELECT raise(ABORT, 'the history of a watched person is append-only'); END;
INSERT INTO counter VALUES ('alone_revision', 0);
-- Who follows the registry sees a change of the watch as one of the meter.
CREATE TRIGGER alone_added AFTER INSERT ON alone BEGIN
  UPDATE counter SET value = value + 1 WHERE name IN ('alone_revision', 'registry_revision');
  UPDATE device SET revision = (SELECT value FROM counter WHERE name = 'registry_revision') WHERE id = NEW.device_id; END;
CREATE TRIGGER alone_changed AFTER UPDATE ON alone BEGIN
  UPDATE counter SET value = value + 1 WHERE name IN ('alone_revision', 'registry_revision');
  UPDATE device SET revision = (SELECT value FROM counter WHERE name = 'registry_revision') WHERE id = NEW.device_id; END;
CREATE TRIGGER alone_removed AFTER DELETE ON alone BEGIN
  UPDATE counter SET value = value + 1 WHERE name IN ('alone_revision', 'registry_revision');
  UPDATE device SET revision = (SELECT value FROM counter WHERE name = 'registry_revision') WHERE id = OLD.device_id; END;
`,
  `
-- What is known of the pipes of a zone: unavoidable losses and the corrections of CJJ 92 follow from it.
CREATE TABLE zone_pipes (
  zone TEXT PRIMARY KEY, mains_km REAL, private_km REAL, pressure_m REAL
) STRICT, WITHOUT ROWID;
`,
  `
-- From which hour a meter is one to be heard (AccountedMeter); of those accounted before this was kept: since ever.
ALTER TABLE zone_meter ADD COLUMN awaited_from INTEGER NOT NULL DEFAULT 0;
`,
  `
-- A zone of which only the inflow is measured has no loss; what ran in at night stands beside (ADR 37).
ALTER TABLE zone_night RENAME TO zone_night_before;
CREATE TABLE zone_night (
  zone TEXT NOT NULL, day INTEGER NOT NULL, loss REAL, night REAL, inflow REAL NOT NULL, expected REAL, low REAL, high REAL,
  reported REAL NOT NULL, bulk_reported REAL NOT NULL, verdict TEXT NOT NULL, judged_at INTEGER NOT NULL,
  PRIMARY KEY (zone, day)
) STRICT, WITHOUT ROWID;
INSERT INTO zone_night SELECT zone, day, loss, NULL, inflow, expected, low, high, reported, bulk_reported, verdict, judged_at
  FROM zone_night_before;
DROP TABLE zone_night_before;
`,
  `
-- What is asked of repairs every ten seconds and by every page finds its rows: closed ones are kept for good. What a repair
-- saves stands in columns, to be added up without reading the orders.
ALTER TABLE work_order ADD COLUMN place_id TEXT;
ALTER TABLE work_order ADD COLUMN saved_m3h REAL;
ALTER TABLE work_order ADD COLUMN saved_since INTEGER;
UPDATE work_order SET place_id = json_extract(body, '$.placeId');
UPDATE work_order SET saved_since = coalesce(json_extract(body, '$.claim.repairedAt'), json_extract(body, '$.openedAt')),
  saved_m3h = coalesce(max(0, json_extract(body, '$.beforeM3h') - json_extract(body, '$.afterM3h')), 0) WHERE state = 'confirmed';
CREATE INDEX work_order_by_state ON work_order (state, stage, due_at, id);
CREATE INDEX work_order_by_subject ON work_order (subject_id, stage, due_at, id);
CREATE INDEX work_order_by_place ON work_order (place_id, stage, due_at, id);
CREATE INDEX work_order_by_verdict ON work_order (verdict_at) WHERE verdict_at IS NOT NULL;
CREATE INDEX work_order_saved ON work_order (saved_since, saved_m3h) WHERE saved_since IS NOT NULL;
-- Losses of zones that were seen of late, of the alarms of all years.
CREATE INDEX alarm_zone_loss ON alarm (json_extract(body, '$.lastAt')) WHERE type = 'zoneLoss';
`,
  `
-- Open alarms in the order of the queue: every console asks for them, by severity, when it connects.
CREATE INDEX alarm_open ON alarm (raised_at, id) WHERE state <> 'CLEARED_ACK';
`,
]
