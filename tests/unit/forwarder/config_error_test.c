/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration refuses, where, and in which words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "forwarder/config.h"
#include "tests/support/unit.h"

#define TEXT_BYTES 4096

struct refusal {
	const char *given;
	const char *message; /* behind the name of the file */
};

static const struct refusal of_feed[] = {
	{ "{type: ingest}", "2:9: a feed needs a 'name'" },
	{ "{name: a}", "2:9: a feed needs a 'type': activities, ingest, usage, cost, keys or access" },
	{ "{name: a, type: users}", "2:25: one of activities, ingest, usage, cost, keys, access was expected" },
	{ "{name: a, type: usage, poll: 59s}",
	  "2:38: a duration from 1m to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: keys, poll: 30s}",
	  "2:37: a duration from 1m to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: usage, start: beginning}",
	  "2:39: now, a date such as 2027-01-31 or a time was expected: reports have no beginning that is known" },
	{ "{name: a, type: usage, settle: auto}",
	  "2:40: a duration from 1s to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: usage, group_by: model}", "2:42: a list was expected, such as [workspace_id, model]" },
	{ "{name: a, type: usage, group_by: [model, team]}",
	  "2:50: one of account_id, api_key_id, context_window, inference_geo, model, service_account_id, "
	  "service_tier, workspace_id was expected" },
	{ "{name: a, type: usage, group_by: [model, model]}", "2:50: 'model' stands in the list already" },
	{ "{name: a, type: usage, bucket: 1w}", "2:40: '1w' is not one of 1m, 1h, 1d; did you mean '1m'?" },
	{ "{name: a, type: usage, lookback: 32d}",
	  "2:42: a duration from 1h to 31d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: cost, lookback: 1h}",
	  "2:41: at least as long as 'settle' was expected (6h): what the report adds to a bucket until it is final "
	  "would not be read" },
	{ "{name: a, type: usage, settle: 1d, lookback: 86399s}",
	  "2:54: at least as long as 'settle' was expected (1d): what the report adds to a bucket until it is final "
	  "would not be read" },
	{ "{name: a, type: usage, bucket: 1m, lookback: 31d}",
	  "2:54: with buckets of 1m at most 3d was expected: 4320 buckets, each of which is kept" },
	{ "{name: a, type: cost, group_by: [model]}", "2:31: 'group_by' is no key of a feed of type 'cost'" },
	{ "{name: a, type: cost, bucket: 1h}", "2:31: 'bucket' is no key of a feed of type 'cost'" },
	{ "{name: a, type: keys, start: now}", "2:31: 'start' is no key of a feed of type 'keys'" },
	{ "{name: a, type: access, lookback: 1d}", "2:33: 'lookback' is no key of a feed of type 'access'" },
	{ "{name: a, type: activities, group_by: [model]}",
	  "2:37: 'group_by' is no key of a feed of type 'activities'" },
	{ "{name: a, type: activites}",
	  "2:25: 'activites' is not one of activities, ingest, usage, cost, keys, access; did you mean 'activities'?" },
	{ "audit", "2:9: a feed was expected, such as {name: audit, type: activities}" },
	{ "{name: Audit, type: ingest}",
	  "2:16: a name was expected: a lower-case letter, then letters, digits and hyphens, 32 in all at most" },
	{ "{name: 1a, type: ingest}",
	  "2:16: a name was expected: a lower-case letter, then letters, digits and hyphens, 32 in all at most" },
	{ "{name: a_b, type: ingest}",
	  "2:16: a name was expected: a lower-case letter, then letters, digits and hyphens, 32 in all at most" },
	{ "{name: '', type: ingest}",
	  "2:16: a name was expected: a lower-case letter, then letters, digits and hyphens, 32 in all at most" },
	{ "{name: [a], type: ingest}",
	  "2:16: a name was expected: a lower-case letter, then letters, digits and hyphens, 32 in all at most" },
	{ "{name: abcdefghijabcdefghijabcdefghijabc, type: ingest}",
	  "2:16: a name was expected: a lower-case letter, then letters, digits and hyphens, 32 in all at most" },
	{ "{name: skantd, type: ingest}",
	  "2:16: the name 'skantd' is for skantd's own events; another one was expected" },
	{ "{name: a, type: activities, intervall: 5s}",
	  "2:37: unknown key 'intervall'; known here: name, type, credential, start, poll, settle, "
	  "reconcile, filter, include_content, skip_own" },
	{ "{name: a, type: activities, polls: 5s}", "2:37: unknown key 'polls'; did you mean 'poll'?" },
	{ "{name: a, type: ingest, poll: 30s}", "2:33: 'poll' is no key of a feed of type 'ingest'" },
	{ "{name: a, type: activities, socket: /s}", "2:37: 'socket' is no key of a feed of type 'activities'" },
	{ "{name: a, type: activities, group: g}", "2:37: 'group' is no key of a feed of type 'activities'" },
	{ "{name: a, type: activities, max_record: 1M}",
	  "2:37: 'max_record' is no key of a feed of type 'activities'" },
	{ "{name: a, type: ingest, credential: k}", "2:33: 'credential' is no key of a feed of type 'ingest'" },
	{ "{name: a, type: ingest, start: now}", "2:33: 'start' is no key of a feed of type 'ingest'" },
	{ "{name: a, type: ingest, settle: auto}", "2:33: 'settle' is no key of a feed of type 'ingest'" },
	{ "{name: a, type: ingest, reconcile: 1h}", "2:33: 'reconcile' is no key of a feed of type 'ingest'" },
	{ "{name: a, type: ingest, include_content: true}",
	  "2:33: 'include_content' is no key of a feed of type 'ingest'" },
	{ "{name: a, type: ingest, skip_own: true}", "2:33: 'skip_own' is no key of a feed of type 'ingest'" },
	{ "{name: a, type: activities, poll: 4s}",
	  "2:43: a duration from 5s to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: activities, poll: 25h}",
	  "2:43: a duration from 5s to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: activities, poll: 30}",
	  "2:43: a duration from 5s to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: activities, poll: soon}",
	  "2:43: a duration from 5s to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: activities, settle: automatic}", "2:45: auto or a duration such as 90s was expected" },
	{ "{name: a, type: activities, settle: 0s}",
	  "2:45: a duration from 1s to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: activities, settle: [1s]}",
	  "2:45: a duration from 1s to 1d was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "{name: a, type: activities, reconcile: 1s}",
	  "2:48: a duration from 1m to 30d was expected, such as 30s, 5m, 1h, 7d or 6y, or 0 for never" },
	{ "{name: a, type: activities, reconcile: never}",
	  "2:48: a duration from 1m to 30d was expected, such as 30s, 5m, 1h, 7d or 6y, or 0 for never" },
	{ "{name: a, type: activities, start: tomorrow}",
	  "2:44: now, beginning, a date such as 2027-01-31 or a time such as 2027-01-31T13:49:09Z was expected" },
	{ "{name: a, type: activities, start: 2027-02-30}",
	  "2:44: now, beginning, a date such as 2027-01-31 or a time such as 2027-01-31T13:49:09Z was expected" },
	{ "{name: a, type: activities, include_content: 'true'}", "2:54: true or false was expected, without quotes" },
	{ "{name: a, type: activities, include_content: true}",
	  "2:54: the dialect 'platform' has no content in its activities; false was expected, or the dialect 'cca'" },
	{ "{name: a, type: activities, skip_own: yes}", "2:47: true or false was expected, without quotes" },
	{ "{name: a, type: activities, filter: []}", "2:45: a mapping (key: value) was expected" },
	{ "{name: a, type: activities, filter: {feeds: [a]}}", "2:46: 'feeds' is no key of a filter of a feed" },
	{ "{name: a, type: activities, filter: {type: [a]}}", "2:46: unknown key 'type'; did you mean 'types'?" },
	{ "{name: a, type: activities, filter: {types: a}}", "2:53: a list was expected, such as [one, two]" },
	{ "{name: a, type: activities, filter: {types: ['']}}", "2:54: 1 to 256 bytes of text were expected" },
	{ "{name: a, type: activities, filter: {actors: [{}]}}", "2:55: text was expected" },
	{ "{name: a, type: activities, filter: {classes: [acces]}}",
	  "2:56: 'acces' is not one of key, person, access, workspace, compliance, report, sign-in, "
	  "content, activity, call, finding, key-name, record, started, stopped, heartbeat, alert, "
	  "budget, policy, usage, cost; did "
	  "you mean 'access'?" },
	{ "{name: a, type: activities, filter: {classes: [x]}}",
	  "2:56: one of key, person, access, workspace, compliance, report, sign-in, content, activity, "
	  "call, finding, key-name, record, started, stopped, heartbeat, alert, budget, policy, "
	  "usage, cost was expected" },
	{ "{name: a, type: activities, filter: {severity: warn}}",
	  "2:56: one of emerg, alert, crit, err, warning, notice, info, debug was expected" },
	{ "{name: a, type: activities, filter: {severity: 4}}",
	  "2:56: one of emerg, alert, crit, err, warning, notice, info, debug was expected" },
	{ "{name: a, type: activities, filter: {workspaces: 1}}", "2:58: a list was expected, such as [one, two]" },
	{ "{name: a, type: activities, credential: a/b}",
	  "2:49: the name of a file in $CREDENTIALS_DIRECTORY was expected, not a path" },
	{ "{name: a, type: activities, credential: sk-ant-"
	  "api01-abcdefgh}",
	  "2:49: the name of a credential was expected, never a key itself: put the key into a file of mode 0600, and "
	  "replace it if somebody else could read this one" },
	{ "{name: a, type: activities, credential: {env: 'A B'}}",
	  "2:55: the name of an environment variable was expected ([A-Za-z0-9_]), never a key itself" },
	{ "{name: a, type: activities, credential: {}}", "2:49: one of env, file and systemd was expected" },
	{ "{name: a, type: activities, credential: {path: x}}",
	  "2:50: unknown key 'path'; known here: env, file, systemd" },
	{ "{name: a, type: ingest, socket: ingest.sock}",
	  "2:41: an absolute path was expected: a daemon has no folder that it starts in" },
	{ "{name: a, type: ingest, socket: ''}", "2:41: text was expected, this one is empty" },
	{ "{name: a, type: ingest, socket: "
	  "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	  "xxxxxxx}",
	  "2:41: a shorter path was expected: of a socket it may have 101 bytes" },
	{ "{name: a, type: ingest, group: ''}", "2:40: text was expected, this one is empty" },
	{ "{name: a, type: ingest, max_record: 1023}", "2:45: a size of at least 1024 bytes was expected" },
	{ "{name: a, type: ingest, max_record: 17MiB}",
	  "2:45: a size such as 64MiB was expected, at most 16777216 bytes" },
	{ "{name: a, type: ingest, max_record: big}",
	  "2:45: a size such as 64MiB was expected, at most 16777216 bytes" },
	{ "{name: a, type: ingest}, {name: a, type: ingest}",
	  "2:41: there is a feed 'a' already; another name was expected" },
	{ "{name: a, type: ingest}, {name: b, type: ingest}",
	  "2:34: the feed 'a' has this socket already; another path was expected" },
	{ "{name: a, type: ingest, socket: /s}, {name: b, type: ingest, socket: /s}",
	  "2:78: the feed 'a' has this socket already; another path was expected" },
};

#define ONE_JOURNAL                                                                                                    \
	"the sink 'b' sends to this journal already, and each would take the other's entries for its own: the socket " \
	"of another journal was expected, or filters whose feeds, classes or workspaces have nothing in common"

static const struct refusal of_sink[] = {
	{ "{type: stdout}", "3:9: a sink needs a 'name'" },
	{ "{name: b}", "3:9: a sink needs a 'type': journald, syslog, stdout or file" },
	{ "journald", "3:9: a sink was expected, such as {name: journal, type: journald}" },
	{ "{name: b, type: kafka}", "3:25: one of journald, syslog, stdout, file was expected" },
	{ "{name: b, type: journal}",
	  "3:25: 'journal' is not one of journald, syslog, stdout, file; did you mean 'journald'?" },
	{ "{name: B, type: stdout}",
	  "3:16: a name was expected: a lower-case letter, then letters, digits and hyphens, 32 in all at most" },
	{ "{name: skantd, type: stdout}",
	  "3:16: the name 'skantd' is for skantd's own events; another one was expected" },
	{ "{name: b, type: stdout, formats: json}", "3:33: unknown key 'formats'; did you mean 'format'?" },
	{ "{name: b, type: stdout, compress: true}",
	  "3:33: unknown key 'compress'; known here: name, type, format, message, hostname, pen, "
	  "facility, start, filter, max_message, replay_window" },
	{ "{name: b, type: journald, format: json}", "3:35: 'format' is no key of a sink of type 'journald'" },
	{ "{name: b, type: journald, max_message: 1M}", "3:35: 'max_message' is no key of a sink of type 'journald'" },
	{ "{name: b, type: journald, replay_window: {}}",
	  "3:35: 'replay_window' is no key of a sink of type 'journald'" },
	{ "{name: b, type: journald, message: text}", "3:35: 'message' is no key of a sink of type 'journald'" },
	{ "{name: b, type: journald, transport: udp}", "3:35: 'transport' is no key of a sink of type 'journald'" },
	{ "{name: b, type: journald, path: /x}", "3:35: 'path' is no key of a sink of type 'journald'" },
	{ "{name: b, type: syslog, sync: passive, transport: udp}",
	  "3:33: 'sync' is no key of a sink of type 'syslog'" },
	{ "{name: b, type: stdout, address: x}", "3:33: 'address' is no key of a sink of type 'stdout'" },
	{ "{name: b, type: stdout, tls: {}}", "3:33: 'tls' is no key of a sink of type 'stdout'" },
	{ "{name: b, type: stdout, rotate: {}}", "3:33: 'rotate' is no key of a sink of type 'stdout'" },
	{ "{name: b, type: file, socket: /s}", "3:31: 'socket' is no key of a sink of type 'file'" },
	{ "{name: b, type: file, journal: /s}", "3:31: 'journal' is no key of a sink of type 'file'" },
	{ "{name: b, type: stdout, path: /p}", "3:33: 'path' is no key of a sink of type 'stdout'" },
	{ "{name: b, type: journald, sync: true}", "3:41: one of none, batch was expected" },
	{ "{name: b, type: journald, journal: var/log}",
	  "3:44: an absolute path was expected: a daemon has no folder that it starts in" },
	{ "{name: b, type: journald, socket: "
	  "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	  "xxxxxxxxxxxxx}",
	  "3:43: a shorter path was expected: of a socket it may have 107 bytes" },
	{ "{name: b, type: journald, facility: local8}",
	  "3:45: 'local8' is not one of kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, "
	  "authpriv, ftp, ntp, audit, alert, clock, local0, local1, local2, local3, local4, local5, "
	  "local6, local7; did you mean 'local0'?" },
	{ "{name: b, type: journald, facility: 13}",
	  "3:45: one of kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp, "
	  "ntp, audit, alert, clock, local0, local1, local2, local3, local4, local5, local6, local7 was "
	  "expected" },
	{ "{name: b, type: syslog}",
	  "3:9: a sink of type 'syslog' needs a 'transport': unix, udp, tcp, tls, relp or relp+tls" },
	{ "{name: b, type: syslog, transport: tpc}",
	  "3:44: 'tpc' is not one of unix, udp, tcp, tls, relp, relp+tls; did you mean 'tcp'?" },
	{ "{name: b, type: syslog, transport: quic}", "3:44: one of unix, udp, tcp, tls, relp, relp+tls was expected" },
	{ "{name: b, type: syslog, transport: tcp}",
	  "3:9: a sink of type 'syslog' needs an 'address', such as siem.example.com:6514" },
	{ "{name: b, type: syslog, transport: tcp, address: siem}",
	  "3:58: HOST:PORT was expected, such as siem.example.com:6514" },
	{ "{name: b, type: syslog, transport: tcp, address: 'siem:'}", "3:58: a port from 1 to 65535 was expected" },
	{ "{name: b, type: syslog, transport: tcp, address: 'siem:0'}", "3:58: a port from 1 to 65535 was expected" },
	{ "{name: b, type: syslog, transport: tcp, address: 'siem:65536'}",
	  "3:58: a port from 1 to 65535 was expected" },
	{ "{name: b, type: syslog, transport: udp, address: 'siem:syslog'}",
	  "3:58: a port from 1 to 65535 was expected" },
	{ "{name: b, type: syslog, transport: tcp, address: ':514'}",
	  "3:58: a host name or an address was expected in front of the colon" },
	{ "{name: b, type: syslog, transport: tcp, address: 'a b:514'}",
	  "3:58: a host name or an address was expected in front of the colon" },
	{ "{name: b, type: syslog, transport: tcp, address: '-a:514'}",
	  "3:58: a host name or an address was expected in front of the colon" },
	{ "{name: b, type: syslog, transport: tcp, address: '1.2.3:514'}",
	  "3:58: a host name or an address was expected in front of the colon" },
	{ "{name: b, type: syslog, transport: tcp, address: '::1:514'}",
	  "3:58: an IPv6 address was expected in brackets, such as [2001:db8::1]:6514" },
	{ "{name: b, type: syslog, transport: tcp, address: 'tcp://siem:514'}",
	  "3:58: HOST:PORT was expected, such as siem.example.com:6514, without a scheme: 'transport' says how" },
	{ "{name: b, type: syslog, transport: tcp, address: '[::1]'}",
	  "3:58: [ADDRESS]:PORT was expected, such as [2001:db8::1]:6514" },
	{ "{name: b, type: syslog, transport: tcp, address: '[::1'}",
	  "3:58: [ADDRESS]:PORT was expected, such as [2001:db8::1]:6514" },
	{ "{name: b, type: syslog, transport: tcp, address: '[x]:514'}",
	  "3:58: an IPv6 address was expected between the brackets" },
	{ "{name: b, type: syslog, transport: tcp, address: '[127.0.0.1]:514'}",
	  "3:58: an IPv6 address was expected between the brackets" },
	{ "{name: b, type: syslog, transport: tcp, address: 514}",
	  "3:58: HOST:PORT was expected, such as siem.example.com:6514" },
	{ "{name: b, type: syslog, transport: tcp, address: ['a:1']}", "3:58: text was expected" },
	{ "{name: b, type: syslog, transport: unix, address: dev/log}",
	  "3:59: an absolute path was expected: a daemon has no folder that it starts in" },
	{ "{name: b, type: syslog, transport: unix, address: 'localhost:514'}",
	  "3:59: an absolute path was expected: a daemon has no folder that it starts in" },
	{ "{name: b, type: syslog, transport: tcp, address: 'a:1', tls: {ca_file: x}}",
	  "3:70: 'tls' needs 'transport: tls' or 'transport: relp+tls'; this is 'tcp'" },
	{ "{name: b, type: syslog, transport: tls, address: 'a:1', tls: {verify: false}}",
	  "3:71: unknown key 'verify'; known here: ca_file, cert_file, key_file, server_name" },
	{ "{name: b, type: syslog, transport: tls, address: 'a:1', tls: {key_file: /nonexistent/key}}",
	  "3:81: cannot read the credential file '/nonexistent/key': No such file or directory" },
	{ "{name: b, type: syslog, transport: relp+tls, address: 'a:1', tls: {server_name: 'a:1'}}",
	  "3:89: a host name or an address was expected, without a port" },
	{ "{name: b, type: syslog, transport: tls, address: 'a:1', tls: yes}",
	  "3:70: a mapping (key: value) was expected" },
	{ "{name: b, type: stdout, format: syslog}",
	  "3:41: one of json, ecs, ocsf, cef, rfc5424, rfc3164 was expected" },
	{ "{name: b, type: stdout, format: jsonl}",
	  "3:41: 'jsonl' is not one of json, ecs, ocsf, cef, rfc5424, rfc3164; did you mean 'json'?" },
	{ "{name: b, type: stdout, format: 1}", "3:41: one of json, ecs, ocsf, cef, rfc5424, rfc3164 was expected" },
	{ "{name: b, type: stdout, format: json, message: text}",
	  "3:56: 'message' says what stands in a line of rfc5424 or rfc3164; this format is 'json'" },
	{ "{name: b, type: syslog, transport: unix, format: cef, message: json}",
	  "3:72: 'message' says what stands in a line of rfc5424 or rfc3164; this format is 'cef'" },
	{ "{name: b, type: stdout, format: rfc5424, message: rfc5424}",
	  "3:59: one of text, json, ecs, ocsf, cef was expected" },
	{ "{name: b, type: stdout, format: rfc5424, hostname: 'a b'}",
	  "3:60: 1 to 255 bytes of printable ASCII without spaces were expected" },
	{ "{name: b, type: stdout, hostname: ''}",
	  "3:43: 1 to 255 bytes of printable ASCII without spaces were expected" },
	{ "{name: b, type: stdout, pen: 0}", "3:38: a whole number from 1 to 4294967295 was expected" },
	{ "{name: b, type: stdout, pen: 4294967296}", "3:38: a whole number from 1 to 4294967295 was expected" },
	{ "{name: b, type: stdout, start: yesterday}",
	  "3:40: now, beginning, a date such as 2027-01-31 or a time such as 2027-01-31T13:49:09Z was expected" },
	{ "{name: b, type: stdout, filter: {feed: [a]}}", "3:42: unknown key 'feed'; did you mean 'feeds'?" },
	{ "{name: b, type: stdout, filter: {feeds: [apps]}}", "3:50: one of skantd, a was expected" },
	{ "{name: b, type: stdout, filter: {severity: [info]}}",
	  "3:52: one of emerg, alert, crit, err, warning, notice, info, debug was expected" },
	{ "{name: b, type: stdout, max_message: 479}", "3:46: at least 480 bytes were expected, or 0 for any number" },
	{ "{name: b, type: stdout, max_message: 2GiB}",
	  "3:46: a size such as 64MiB was expected, at most 1073741824 bytes" },
	{ "{name: b, type: syslog, transport: udp, address: 'a:1', max_message: 0}",
	  "3:78: a datagram has an end: a size of at least 480 bytes was expected" },
	{ "{name: b, type: syslog, transport: unix, max_message: 100}", "3:63: at least 480 bytes were expected" },
	{ "{name: b, type: syslog, transport: udp, address: 'a:1', max_message: 65508}",
	  "3:78: at most 65507 bytes were expected: no UDP datagram holds more" },
	{ "{name: b, type: stdout, replay_window: 8MiB}", "3:48: a mapping (key: value) was expected" },
	{ "{name: b, type: stdout, replay_window: {bytes: x}}",
	  "3:56: a size such as 64MiB was expected, at most 1073741824 bytes" },
	{ "{name: b, type: stdout, replay_window: {seconds: 60s}}",
	  "3:58: a whole number from 0 to 86400 was expected" },
	{ "{name: b, type: stdout, replay_window: {seconds: 86401}}",
	  "3:58: a whole number from 0 to 86400 was expected" },
	{ "{name: b, type: stdout, replay_window: {minutes: 1}}",
	  "3:49: unknown key 'minutes'; known here: bytes, seconds" },
	{ "{name: b, type: file}", "3:9: a sink of type 'file' needs a 'path'" },
	{ "{name: b, type: file, path: audit.jsonl}",
	  "3:37: an absolute path was expected: a daemon has no folder that it starts in" },
	{ "{name: b, type: file, path: /x, rotate: 100MiB}", "3:49: a mapping (key: value) was expected" },
	{ "{name: b, type: file, path: /x, rotate: {size: 1}}", "3:56: a size of at least 4096 bytes was expected" },
	{ "{name: b, type: file, path: /x, rotate: {size: 2TiB}}",
	  "3:56: a size such as 64MiB was expected, at most 1099511627776 bytes" },
	{ "{name: b, type: file, path: /x, rotate: {keep: 0}}", "3:56: a whole number from 1 to 9999 was expected" },
	{ "{name: b, type: file, path: /x, rotate: {keep: 10000}}",
	  "3:56: a whole number from 1 to 9999 was expected" },
	{ "{name: b, type: file, path: /x, rotate: {age: 1d}}", "3:50: unknown key 'age'; known here: size, keep" },
	{ "{name: b, type: stdout}, {name: b, type: stdout}",
	  "3:41: there is a sink 'b' already; another name was expected" },
	{ "{name: b, type: stdout}, {name: c, type: stdout}",
	  "3:34: the sink 'b' writes to standard output already; one such sink was expected" },
	{ "{name: b, type: file, path: /x}, {name: c, type: file, path: /x}",
	  "3:70: the sink 'b' writes to this file already; another path was expected" },
	{ "{name: b, type: journald}, {name: c, type: journald, facility: user}", "3:36: " ONE_JOURNAL },
	{ "{name: b, type: journald}, {name: c, type: journald, socket: /run/systemd/journal/socket, journal: /j}",
	  "3:70: " ONE_JOURNAL },
	{ "{name: b, type: journald, filter: {feeds: [a]}}, {name: c, type: journald, filter: {feeds: [skantd, a]}}",
	  "3:58: " ONE_JOURNAL },
	{ "{name: b, type: journald, filter: {classes: [alert]}}, {name: c, type: journald}", "3:64: " ONE_JOURNAL },
	{ "{name: b, type: journald, filter: {classes: [alert]}}, {name: c, type: journald, filter: {feeds: [a]}}",
	  "3:64: " ONE_JOURNAL },
	{ "{name: b, type: journald, filter: {types: [x]}}, {name: c, type: journald, filter: {types: [y]}}",
	  "3:58: " ONE_JOURNAL },
	{ "{name: b, type: journald}, {name: c, type: journald, socket: /s}",
	  "3:36: the sink 'b' reads from this journal already, and sends to another socket: the folder of the "
	  "journal behind '/s' was expected" },
	{ "{name: b, type: journald, journal: /j}, {name: c, type: journald, socket: /s, journal: /j}",
	  "3:96: the sink 'b' reads from this journal already, and sends to another socket: the folder of the "
	  "journal behind '/s' was expected" },
	{ "{name: b, type: syslog, transport: tls, address: 'a:1', tls: {ca_file: /nonexistent/ca.pem}}",
	  "3:80: cannot read the file '/nonexistent/ca.pem': No such file or directory" },
	{ "{name: b, type: syslog, transport: tls, address: 'a:1', tls: {cert_file: /nonexistent/c.pem}}",
	  "3:82: cannot read the file '/nonexistent/c.pem': No such file or directory" },
	{ "{name: b, type: syslog, transport: tls, address: 'a:1', tls: {cert_file: /dev/null}}",
	  "3:70: cert_file and key_file belong together: 'key_file' was expected as well" },
};

static const struct refusal of_top[] = {
	{ "versions: 1", "4:1: unknown key 'versions'; did you mean 'version'?" },
	{ "state: /x", "4:1: unknown key 'state'; known here: version, state_dir, policy, api, retention, metrics, "
		       "health, feeds, sinks" },
	{ "state_dir: x", "4:12: an absolute path was expected: a daemon has no folder that it starts in" },
	{ "state_dir: []", "4:12: text was expected" },
	{ "policy: /nonexistent/policy.yaml", "4:9: there is no file '/nonexistent/policy.yaml'" },
	{ "policy: ''", "4:9: text was expected, this one is empty" },
	{ "api: {base_uri: x}", "4:7: unknown key 'base_uri'; did you mean 'base_url'?" },
	{ "api: {base_url: ''}", "4:17: text was expected, this one is empty" },
	{ "api: {base_url: 'http://api.example.com'}",
	  "4:17: the base URL of profile 'default' cannot be used: https:// was expected; http:// needs "
	  "allow_http_loopback (SKANT_ALLOW_HTTP_LOOPBACK=1)" },
	{ "api: {base_url: 'http://127.0.0.1:1'}",
	  "4:17: the base URL of profile 'default' cannot be used: https:// was expected; http:// needs "
	  "allow_http_loopback (SKANT_ALLOW_HTTP_LOOPBACK=1)" },
	{ "api: {base_url: 'http://192.0.2.1:1', allow_http_loopback: true}",
	  "4:17: the base URL of profile 'default' cannot be used: https:// was expected; http:// is for "
	  "a loopback host alone (127.0.0.1, [::1], localhost)" },
	{ "api: {dialect: plattform}", "4:16: 'plattform' is not one of platform, cca; did you mean 'platform'?" },
	{ "api: {dialect: x}", "4:16: one of platform, cca was expected" },
	{ "api: {requests_per_minute: -1}", "4:28: a whole number from 0 to 1000000 was expected" },
	{ "api: {timeout: 0}", "4:16: a duration from 1s to 1h was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "api: {timeout: 2h}", "4:16: a duration from 1s to 1h was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "api: {allow_http_loopback: 1}", "4:28: true or false was expected, without quotes" },
	{ "api: {credential: ['x']}", "4:19: a mapping (key: value) was expected" },
	{ "api: []", "4:6: a mapping (key: value) was expected" },
	{ "retention: {when_full: drop}", "4:24: stop-reading was expected: an event is never dropped" },
	{ "retention: {bodies: 1000y}",
	  "4:21: a duration from 0s to 100y was expected, such as 30s, 5m, 1h, 7d or 6y" },
	{ "retention: {ledger: 1d}", "4:12: the ledger has to be kept at least as long as the bodies" },
	{ "retention: {bodies: 1h, ledger: 1d}",
	  "4:12: the ledger has to be kept for 2d at least: what upstream lists again is known by it, and would be "
	  "stored once more" },
	{ "retention: {max_bytes: 1K}", "4:24: a size of at least 65536 bytes was expected" },
	{ "retention: {max_byte: 1G}", "4:13: unknown key 'max_byte'; did you mean 'max_bytes'?" },
	{ "retention: 7d", "4:12: a mapping (key: value) was expected" },
	{ "metrics: {listen: '0.0.0.0:9187'}",
	  "4:19: a loopback address (127.0.0.1:9187, [::1]:9187) or the path of a socket was expected: "
	  "metrics go out without password and encryption" },
	{ "metrics: {listen: 'localhost:9187'}",
	  "4:19: a loopback address (127.0.0.1:9187, [::1]:9187) or the path of a socket was expected: "
	  "metrics go out without password and encryption" },
	{ "metrics: {listen: '[::]:9187'}",
	  "4:19: a loopback address (127.0.0.1:9187, [::1]:9187) or the path of a socket was expected: "
	  "metrics go out without password and encryption" },
	{ "metrics: {listen: 9187}",
	  "4:19: 127.0.0.1:PORT or [::1]:PORT, with a port from 1 to 65535, or the path of a socket was expected" },
	{ "metrics: {listen: '127.0.0.1:99999'}",
	  "4:19: 127.0.0.1:PORT or [::1]:PORT, with a port from 1 to 65535, or the path of a socket was expected" },
	{ "metrics: {textfile: skant.prom}",
	  "4:21: an absolute path was expected: a daemon has no folder that it starts in" },
	{ "metrics: {text: x}", "4:11: unknown key 'text'; known here: textfile, listen" },
	{ "metrics: true", "4:10: a mapping (key: value) was expected" },
	{ "health: {stale_after: 500}",
	  "4:23: a duration from 1s to 1y was expected, such as 30s, 5m, 1h, 7d or 6y, or 0 for never" },
	{ "health: {heartbeat: 2y}",
	  "4:21: a duration from 1s to 1y was expected, such as 30s, 5m, 1h, 7d or 6y, or 0 for never" },
	{ "health: {quiet: 1h}", "4:10: unknown key 'quiet'; known here: stale_after, heartbeat, quiet_after" },
	{ "health: {quiet_after: never}",
	  "4:23: a duration from 1s to 1y was expected, such as 30s, 5m, 1h, 7d or 6y, or 0 for never" },
	{ "feeds2: []", "4:1: unknown key 'feeds2'; did you mean 'feeds'?" },
	{ "api: {ca_file: nonexistent/ca.pem}",
	  "4:16: cannot read the file 'nonexistent/ca.pem': No such file or directory" },
	{ "state_dir: \"/a\\0b\"", "4:12: this text holds a NUL byte; text without one was expected" },
	{ "version: 1", "4:1: the key 'version' was given on line 1 already" },
};

static int set_up(void **state)
{
	static const char *const variables[] = {
		"SKANT_PROFILE", "SKANT_BASE_URL", "SKANT_DIALECT",  "SKANT_CA_FILE", "SKANT_ALLOW_HTTP_LOOPBACK",
		"SKANT_POLICY",  "HOME",           "XDG_CONFIG_HOME"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		(void)unsetenv(variables[i]);
	return 0;
}

static void assert_refuses(const char *text, const char *message)
{
	struct settings s = { .path = NULL };
	struct err err = ERR_INIT;
	char expected[2 * ERR_TEXT_BYTES];

	(void)snprintf(expected, sizeof(expected), "f:%s", message);
	if (config_parse(view_of(text), "f", &s, &err) == 0) {
		settings_done(&s);
		fail_msg("this was taken:\n%s", text);
	}
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.text, expected);
	assert_null(s.path);
}

static void assert_refuses_all(char which, const struct refusal *refusals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *given = refusals[i].given;
		char text[TEXT_BYTES];

		(void)snprintf(text, sizeof(text), "version: 1\nfeeds: [%s]\nsinks: [%s]\n%s\n",
			       which == 'f' ? given : "{name: a, type: ingest}",
			       which == 's' ? given : "{name: b, type: stdout}", which == 't' ? given : "");
		assert_refuses(text, refusals[i].message);
	}
}

static void a_feed_that_is_none_is_refused_where_it_stands(void **state)
{
	(void)state;
	assert_refuses_all('f', of_feed, ARRAY_LEN(of_feed));
}

static void a_sink_that_is_none_is_refused_where_it_stands(void **state)
{
	(void)state;
	assert_refuses_all('s', of_sink, ARRAY_LEN(of_sink));
}

static void another_section_is_refused_where_it_stands(void **state)
{
	(void)state;
	assert_refuses_all('t', of_top, ARRAY_LEN(of_top));
}

static void a_file_without_its_parts_is_told_what_is_missing(void **state)
{
	(void)state;
	assert_refuses("", "1:1: 'version: 1' was expected");
	assert_refuses("feeds: []\n", "1:1: 'version: 1' was expected");
	assert_refuses("version: 2\n", "1:10: the number 1 was expected");
	assert_refuses("- version: 1\n", "1:1: a mapping (key: value) was expected");
	assert_refuses("version: 1\n", "1:1: at least one feed was expected under 'feeds'");
	assert_refuses("version: 1\nfeeds:\n", "1:1: at least one feed was expected under 'feeds'");
	assert_refuses("version: 1\nfeeds: {}\n",
		       "2:8: a list of feeds was expected, such as `- {name: audit, type: activities}`");
	assert_refuses("version: 1\nfeeds: [{name: a, type: ingest}]\nsinks: []\n",
		       "1:1: at least one sink was expected under 'sinks'");
	assert_refuses("version: 1\nsinks: stdout\n",
		       "2:8: a list of sinks was expected, such as `- {name: journal, type: journald}`");
}

/* count feeds and sinks, all different. */
static char *make_many(unsigned feeds, unsigned sinks)
{
	struct buf text = BUF_INIT(1u << 20);

	assert_int_equal(buf_add_text(&text, "version: 1\nfeeds:\n"), 0);
	for (unsigned i = 0; i < feeds; i++)
		assert_int_equal(buf_addf(&text, "- {name: f%u, type: activities}\n", i), 0);
	assert_int_equal(buf_add_text(&text, "sinks:\n"), 0);
	for (unsigned i = 0; i < sinks; i++)
		assert_int_equal(buf_addf(&text, "- {name: s%u, type: file, path: /s%u}\n", i, i), 0);
	return buf_detach(&text);
}

static void the_number_of_feeds_and_sinks_has_an_end(void **state)
{
	DEFER(freep) char *just = make_many(CONFIG_FEEDS_MAX, CONFIG_SINKS_MAX);
	DEFER(freep) char *feeds = make_many(CONFIG_FEEDS_MAX + 1, 1);
	DEFER(freep) char *sinks = make_many(1, CONFIG_SINKS_MAX + 1);
	struct settings s;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(config_parse(view_of(just), "f", &s, &err), 0);
	settings_done(&s);
	assert_refuses(feeds, "35:3: at most 32 feeds were expected");
	assert_refuses(sinks, "37:3: at most 32 sinks were expected");
}

static void a_list_of_a_filter_has_an_end(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 20);

	(void)state;
	assert_int_equal(buf_add_text(&text, "version: 1\nfeeds: [{name: a, type: ingest, filter: {types: [x"), 0);
	for (unsigned i = 0; i < CONFIG_LIST_MAX; i++)
		assert_int_equal(buf_add_text(&text, ",x"), 0);
	assert_int_equal(buf_add_text(&text, "]}}]"), 0);
	assert_refuses(text.ptr, "2:49: at most 1000 entries were expected");
}

/* Somebody puts the key where its name belongs. */
static void a_key_in_the_configuration_is_not_repeated(void **state)
{
	char text[TEXT_BYTES], key[128];
	struct settings s;
	struct err err = ERR_INIT;

	(void)state;
	(void)snprintf(key, sizeof(key), "sk-ant-%s", "api01-");
	memset(key + 13, 'x', 93);
	memcpy(key + 106, "AA", 3);
	(void)snprintf(text, sizeof(text), "version: 1\nfeeds: [{name: a, type: activities, '%s': 1}]\n", key);
	assert_int_equal(config_parse(view_of(text), "f", &s, &err), -1);
	assert_null(strstr(err.text, "xxxxxxxxxx"));
	assert_non_null(strstr(err.text, "f:2:37: unknown key 'sk-ant-api01-"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_that_is_none_is_refused_where_it_stands),
		cmocka_unit_test(a_sink_that_is_none_is_refused_where_it_stands),
		cmocka_unit_test(another_section_is_refused_where_it_stands),
		cmocka_unit_test(a_file_without_its_parts_is_told_what_is_missing),
		cmocka_unit_test(the_number_of_feeds_and_sinks_has_an_end),
		cmocka_unit_test(a_list_of_a_filter_has_an_end),
		cmocka_unit_test(a_key_in_the_configuration_is_not_repeated),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
