/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of the project, by name. A loop over foreign data ends at one of these. */
#ifndef COMMON_BASE_BOUNDS_H
#define COMMON_BASE_BOUNDS_H

/* Errors and log lines. */
#define ERR_TEXT_BYTES 1024
#define LOG_LINE_BYTES 8192

/* Configuration and rule files (YAML). */
#define CONF_FILE_BYTES (4u << 20) /* size of one file */
#define CONF_DEPTH 32              /* nesting */
#define CONF_NODES 100000          /* nodes in one file, so that an alias bomb ends early */
#define CONF_ANCHORS 1000          /* anchors in one file */

/* JSON input. */
#define JSON_DEPTH 128
#define JSON_RECORD_BYTES (16u << 20)

/* Replies of the API. */
#define ROWS_REPLY_BYTES (256u << 20) /* one page of records */
#define ROWS_MAX 100000               /* records in it: the API gives 5,000 at most */

/* Names and lists given by people. */
#define NAME_BYTES 256 /* a key name that is looked at; longer ones are reported as too long */
#define RULES_MAX 1000
#define RULE_KEYWORDS_MAX 64
#define RULE_REGEX_BYTES (64u << 10)
#define RULE_GROUPS_MAX 24

/* Lists of prices and models. */
#define MODELS_MAX 10000                /* models of one list */
#define MODEL_USES_MAX 1000000          /* models in workspaces, of one report */
#define PRICE_USD_MAX 10000             /* of a million tokens: whatever is above is a mistake */
#define PRICE_FACTOR_MAX 10             /* that a batch or a region multiplies it by */
#define PRICE_TIERS_MAX 16              /* lengths of prompt that a price depends on */
#define PRICE_PROMPT_MAX 1000000000000u /* tokens of a request */

/* Usage records. */
#define USAGE_TOKENS_MAX 1000000000000u /* of one kind, in one record */
#define USAGE_LINE_BYTES JSON_RECORD_BYTES
#define USAGE_CHUNK_BYTES (1u << 20)   /* lines that a thread takes at once */
#define USAGE_BAD_SHOWN 10             /* lines that are no records, told one by one */
#define USAGE_NAMES_MAX 1000000        /* different models, teams, features, ... */
#define USAGE_NAMES_BYTES (128u << 20) /* of them */
#define USAGE_GROUPS_MAX 1000000       /* lines of an answer */
#define USAGE_UNKNOWN_SHOWN 20         /* models without a price that are named */

/* The scan. */
#define SCAN_WINDOW_BYTES (4u << 20)             /* files up to this size are read whole, larger ones in pieces of it */
#define SCAN_OVERLAP_BYTES (64u << 10)           /* what two pieces share: more than any match and its surroundings */
#define TEXT_BINARY_BYTES 8000                   /* of a text, in which a NUL byte says that it is none */
#define TABLE_ROW_BYTES (SCAN_OVERLAP_BYTES / 2) /* a row of a table that a piece cuts is read up to this size */
#define MATCH_BEFORE_BYTES 1024                  /* a rule's regex is tried from so far before its keyword ... */
#define MATCH_AFTER_BYTES 4096                   /* ... to so far behind it */
#define MATCH_SECRET_BYTES 4096                  /* longest secret that is kept for masking */
#define MATCH_LIMIT 1000000                      /* PCRE2 match limit: steps before a pattern counts as runaway, ... */
#define MATCH_LIMIT_PER_BYTE 8                   /* ... and so many more for each byte of what it is tried on */
#define COST_INPUT_BYTES (MATCH_BEFORE_BYTES + MATCH_AFTER_BYTES) /* of an input made to be hard for a rule */
#define COST_MADE_BYTES (128u << 10) /* of a text that rules are measured with when no other is given */
#define COST_TEXT_BYTES (64u << 20)  /* of the files that they are measured with */
#define COST_RULE_NS 2'000'000'000u  /* that one rule is measured for */
#define COST_SLOW_NS_PER_KB 200'000u /* a rule that takes longer is told: 200 ms a MB */
#define COST_NEAR_LIMIT_PERCENT 25   /* of the match limit, on a hard input, from which it is told */
#define MATCH_HEAP_KIB 20480         /* PCRE2 heap limit */
#define MATCH_JIT_STACK_BYTES (8u << 20)
#define DECODE_DEPTH_MAX 8                    /* decodings within each other that can be asked for */
#define DECODE_DEPTH 3                        /* and as long as nobody asks */
#define DECODE_UNPACKED_BYTES (16u << 20)     /* that compressed data within one piece may come to */
#define LINE_TEXT_BYTES 512                   /* how much of a line a report shows */
#define WALK_CHUNK_FILES 128                  /* files of one folder that one task takes */
#define WALK_OPEN_DIRS 256                    /* folders held open at once; more are reopened by name */
#define NAME_MAX_BYTES 256                    /* NAME_MAX and its NUL */
#define FINDINGS_WAITING_BYTES (32u << 20)    /* findings held back for the sake of the order; then workers wait */
#define UNREAD_EXAMPLES 100                   /* paths named in the summary */
#define REPORT_TEXT_BYTES (64u << 20)         /* one text in a report: a path, the names of all refs */
#define REPORT_LIST_SHOWN 5                   /* entries of a list that the text report names */
#define REPORT_REFS_SHOWN 100                 /* of those lists with -v, and of the refs that explain names */
#define EXPLAIN_REPORT_BYTES (1u << 30)       /* a report that is explained */
#define PYREGEX_BYTES (4u * RULE_REGEX_BYTES) /* a rule's pattern for Python: each byte as \xNN */
#define JOBS_MAX 256

/* What is known of keys that were found: an inventory, what skantctl verify says. */
#define INVENTORY_SHOWN 5              /* keys with one hint that a report names */
#define VERIFY_KEYS_MAX 100000         /* different keys of one scan that are asked about */
#define VERIFY_ANSWER_BYTES (1u << 20) /* one answer of skantctl verify, and what it says of itself at once */
#define VERIFY_REASON_BYTES 1024
#define VERIFY_NOTES_MAX 100     /* lines of its own that are passed on */
#define VERIFY_SILENCE_MS 300000 /* without a new answer, that it is waited for the next one */
#define VERIFY_END_MS 5000       /* that it has to end once it has said all */

/* Containers. */
#define ARCHIVE_DEPTH 2           /* of containers in containers that are opened, as long as nobody asks, ... */
#define ARCHIVE_DEPTH_MAX 16      /* ... and at most */
#define ARCHIVE_RATIO 100         /* how many times its size may come out of a container, ... */
#define ARCHIVE_RATIO_MAX 1000000 /* ... and at most */
#define ARCHIVE_RATIO_FREE_BYTES (16u << 20) /* so much may come out of each, however small it is */
#define ARCHIVE_BYTES (1ull << 30)           /* that may come out of a container, as long as nobody asks */
#define ARCHIVE_BYTES_MAX (1ull << 50)       /* ... and at most */
#define ARCHIVE_ENTRIES 1000000              /* members of a container with all that is in it */
#define ARCHIVE_SPOOL_BYTES (128u << 20)     /* a container that lies in no file of its own */
#define ARCHIVE_STALL_MS 20000               /* without a word of skant-unpack, until it is taken to hang */
#define UNPACK_NAME_BYTES 16384              /* path of a member, with those of the containers that it is in */
#define UNPACK_TEXT_BYTES 200                /* what a library says of something that is wrong */
#define UNPACK_FRAME_BYTES (64u << 10)       /* what one frame of skant-unpack carries */
#define UNPACK_DATA_BYTES (88u << 20)        /* memory of one skant-unpack: holds the 64 MiB that xz -9 needs */
#define UNPACK_SPACE_BYTES (16ull << 30)     /* its address space: libraries and a git bundle lie in it as well */
#define UNPACK_INNER_BYTES (32u << 20)       /* a 7z archive or git bundle in another container: it is read whole */
#define UNPACK_CPU_S 60                      /* processor time without a byte coming out */
#define BUNDLE_OBJECT_BYTES (16u << 20)      /* of a git bundle: larger objects that are no deltas are streamed */
#define BUNDLE_HELD_BYTES (24u << 20)        /* bases that are kept for deltas still to come */
#define BUNDLE_AGAIN_BYTES (256ull << 20)    /* that are built again because they were not kept, ... */
#define BUNDLE_AGAIN_RATIO 2                 /* ... beyond so many times what came of the bundle */

/* The configuration. */
#define ALLOW_ENDS_SOON_DAYS 14 /* before an allow entry expires, that it is told */

/* Ignore files. */
#define IGNORE_FILE_BYTES (16u << 20)
#define IGNORE_LINES_TOLD 10             /* lines of one that say nothing, told one by one */
#define BASELINE_FILE_BYTES (64u << 20)  /* a baseline, ours or gitleaks' */
#define BASELINE_TEXT_BYTES (64u << 10)  /* one text in it: a path, a name */
#define IGNORE_PATTERNS_BYTES (1u << 20) /* size of one gitignore file */
#define IGNORE_PATTERN_BYTES 4096
#define GLOB_STEPS 200000 /* of one pattern against one text: more than any honest pair needs */

/* Git's object store. */
#define GIT_PACKS_MAX 65536         /* packs of one repository and its alternates */
#define GIT_ALTERNATES_MAX 1024     /* object folders */
#define GIT_ALTERNATES_DEPTH 6      /* alternates of alternates, as git */
#define GIT_TROUBLES_MAX 1000       /* things that could not be opened, told one by one */
#define GIT_FAR_BASES 50            /* deltas in a row whose base another store holds */
#define GIT_TREE_DEPTH 2048         /* folders in folders, as git */
#define GIT_TREE_STEPS (1u << 20)   /* entries on the paths of finds in one commit */
#define GIT_DIFF_ENTRIES (1u << 22) /* paths that one commit changes; trees that share trees may have any number */
#define GIT_TAG_DEPTH 64            /* tags of tags */
#define REPOSITORIES_MAX 1000000    /* of one list */
#define REPOSITORY_NAME_BYTES 4095  /* PATH_MAX less its NUL */
#define REPOSITORY_BYTES_MAX (UINT64_C(1) << 43) /* size of one in a plan: the sum of all stays below 2^63 */
#define REPOSITORY_LIST_BYTES (256u << 20)       /* a list or a plan */
#define SHARDS_MAX 10000                         /* parts that a list is divided into */
#define JOINED_PLACES_MAX 10000                  /* that are named of one key in many repositories */
#define GIT_ALSO_AT_MAX 1000                     /* further paths of one object that are told */
#define GIT_PATHS_MAX 65536                      /* paths of one object that rules and allow entries are asked about */
#define GIT_PATHS_BYTES (32u << 20)              /* all of them together */
#define GIT_SMALL_PACK 100000        /* objects: in packs up to this size, trees are checked for what they refer to */
#define GIT_CACHE_BYTES (256u << 20) /* size of a cache file */
#define GIT_MISSING_TOLD 20          /* missing objects that are named; the others are counted */
#define GIT_STREAM_BYTES (32u << 20) /* larger objects that are no deltas are read in pieces */

/* Git's other files. */
#define GITCONFIG_FILE_BYTES (16u << 20) /* size of one configuration file */
#define GITCONFIG_DEPTH 10               /* includes within includes, as git has it */
#define GITCONFIG_FILES 1000             /* in all */
#define GITCONFIG_ENTRIES 1000000
#define GIT_SHALLOW_BYTES (256u << 20)
#define GITINDEX_PATH_BYTES (64u << 10) /* longest path in an index whose paths are told by their difference */
#define GIT_MERGE_HEADS 64              /* commits merged at once */
#define GIT_REF_DEPTH 128               /* folders that a ref is in */
#define GIT_REF_NAME_BYTES (16u << 10)  /* longest name of a ref */
#define GIT_REF_FILE_BYTES (1u << 20)   /* FETCH_HEAD is the longest */
#define GIT_REF_NAMES_BYTES (1u << 30)  /* all names together */
#define GIT_REFLOG_BYTES (1u << 30)     /* the log of one ref */

/* Words of --log-opts. */
#define LOGOPTS_WORDS_MAX 48
#define LOGOPTS_BYTES (64u << 10)

/* The API. */
#define API_PARAMETERS_MAX 24         /* of one operation */
#define API_FIELDS_MAX 64             /* of one record that are looked at */
#define CREDENTIAL_BYTES 1024         /* a key or token */
#define API_URL_BYTES 2048            /* base URL */
#define API_TARGET_BYTES (64u << 10)  /* path and query */
#define API_REQUEST_BYTES (32u << 20) /* body that is sent: the most that the API takes */
#define API_EMPTY_PAGES 1000          /* of a list, one after the other */
#define API_REPLY_BYTES (64u << 20)   /* body that comes, once decoded */
#define API_RESERVE_BYTES (8u << 20)  /* of it for which memory is made ready as soon as its length is known */
#define API_ERROR_BYTES (64u << 10)   /* of a refusal's body that is kept */
#define API_HEADERS_BYTES (16u << 10) /* headers that are kept, in all */
#define API_HEADER_BYTES 512          /* and one of them */
#define API_ROWS_MAX 100000           /* records of one page: the API gives 5000 at most */
#define API_CURSOR_BYTES (16u << 10)  /* of a page */
#define API_TIMEOUT_MS 60000u         /* of one try, unless the user says otherwise */
#define API_DEADLINE_MS 300000u       /* of a call with all its tries */
#define API_CONNECT_MS 15000u         /* until there is a connection with TLS */
#define API_STALL_MS 30000u           /* without a byte; half of a try's time when that is longer */
#define API_PAUSE_MS 100u             /* how often waiting between tries looks at the stop flag */
#define API_PROFILES_MAX 100

/* The policy file. */
#define POLICY_DURATION_MAX_S (UINT64_C(100) * 365 * 86400) /* of any age or time in it */
#define POLICY_BUDGET_MAX_USD 1'000'000'000u                /* of one budget */
#define POLICY_BUDGET_PLACES 6                              /* digits behind the point of an amount */
#define POLICY_ADMINS_MAX 1'000'000u
#define POLICY_WORD_BYTES 512 /* of a name or a pattern */

/* What is known of an organisation at once. */
#define DIRECTORY_USERS_MAX 1'000'000u
#define DIRECTORY_INVITES_MAX 1'000'000u
#define DIRECTORY_MEMBERS_MAX 4'000'000u /* of all workspaces together */
#define DIRECTORY_KEYS_MAX 1'000'000u
#define DIRECTORY_ASKED_MAX 16   /* workspaces of keys that no list has, that are asked for one by one */
#define DIRECTORY_PEOPLE_MAX 100 /* people whom something refers to and no list has, likewise */

/* Hooks. */
#define AGENT_EVENT_BYTES (64u << 20)  /* one event of a coding agent: a written file or a tool's answer is in it */
#define AGENT_EDIT_BYTES (16u << 20)   /* a file whose edit is tried out before it happens */
#define HOOK_FILE_BYTES (1u << 20)     /* a hook that is looked at */
#define HOOK_SETTINGS_BYTES (4u << 20) /* an agent's settings */

/* Calls of the API. */
#define RATELIMIT_MAX ((uint64_t)1 << 40) /* requests or tokens of one limit or estimate */
#define RATELIMIT_HOLD_S 86400            /* longest wait that a server's word is taken for */
#define RATELIMIT_CLAIMS 64               /* processes that wait at one file in the order of their coming */
#define RATELIMIT_STOP_NS 250'000'000u    /* how often waiting looks at its stop flag */
#define RATELIMIT_START_NS 50'000'000u    /* between a place and its use, that the window makes up for */
#define RATELIMIT_LOCK_NS 30'000'000'000u /* longest wait for another process that holds the file */
#define RETRY_CAUSES 8                    /* tries whose cause is kept: the first and the last ones */
#define RETRY_WORD_BYTES 64               /* an error type, a request id */

/* Usage and cost. */
#define SPEND_ROWS_MAX 4000000u      /* of usage, and of cost, that are held at once */
#define SPEND_TEXT_BYTES (64u << 20) /* of the names in them */
#define LEDGER_DAYS_MAX 3660         /* of one report */
#define TALLY_ROWS_MAX 2000000u      /* groups that skantctl sums up, */
#define TALLY_TEXT_BYTES (64u << 20) /* ... and their names */
#define CLAUDE_CODE_DAYS_MAX 366     /* of one report: each is a call */

/* What skantctl prints and asks. */
#define OUTPUT_PENDING_BYTES (64u << 20) /* gathered output: a page of the largest rows, in the longest format */
#define OUTPUT_WRITE_BYTES (1u << 20)    /* gathered output that is written at once */
#define OUTPUT_ALIGNED_ROWS 500          /* rows of a table whose widths are taken together */
#define ASK_ANSWER_BYTES 64
#define VERIFY_INPUT_BYTES (16u << 20) /* keys to verify, one a line */
#define VERIFY_KEY_BYTES 512           /* a longer line is no key */
#define EXPORT_BYTES (256u << 20)      /* an inventory of keys; skant --inventory reads it */
#define WORKSPACES_MAX 100000
#define ACCESS_ROWS_MAX 5000000         /* accesses of one organisation: people, members of workspaces, invitations */
#define REVIEW_RECORD_BYTES (64u << 10) /* one recorded review */
#define REVIEW_FILE_BYTES (16u << 20)   /* all of them */
#define REVIEW_LOCK_NS 30'000'000'000u  /* longest wait for another process that records */
#define ORGS_TOLD 10                    /* organisations that a message names */
#define ACTIVITY_TYPES_MAX 10000
#define ACTIVITY_IDS (64u << 10) /* ids that are remembered so that none is printed twice; a power of two */

/* Messages. */
#define QUEUE_LINE_BYTES JSON_RECORD_BYTES /* one prompt */
#define QUEUE_ID_BYTES 256                 /* its id */
#define QUEUE_PROMPTS_MAX 5000000          /* ids that are remembered */
#define QUEUE_READ_BYTES (256u << 10)      /* at once */
#define QUEUE_LATER_MAX 3                  /* prompts in a row that rate limit or network kept, until a queue ends */
#define QUEUE_JOBS 4                       /* requests at a time, unless the user says otherwise */
#define RESULT_BYTES (192u << 20)          /* one result: an answer's text, escaped, and its content */
#define MESSAGE_TIMEOUT_MS 600000u         /* of one try: an answer may take long */
#define MESSAGE_WAIT_MS 604800000u         /* a prompt with all its tries and waits */
#define AUDIT_PATIENCE_MS 60000            /* that skantd may be away, or silent */
#define AUDIT_RETRY_MS 500                 /* between two tries to reach it */
#define AUDIT_REPLY_BYTES (64u << 10)      /* one line of its answers */

/* Children. */
#define PROC_OUTPUT_BYTES (256u << 20)
#define GIT_SILENCE_MS 300000 /* that git, run as a child, may take without printing anything more */
#define PROC_TERM_MS 2000     /* that a child has after SIGTERM */

/* skantd. */
#define PAGE_ID_BYTES 256           /* id of an event */
#define PAGE_TYPE_BYTES 128         /* its type */
#define PAGE_STATE_BYTES (1u << 20) /* what a feed keeps beside its events */
#define PAGE_RECORDS_MAX 10000      /* of one page */
#define PAGE_ITEM_KEY_BYTES 512     /* name of something that a feed keeps by name, ... */
#define PAGE_ITEM_BYTES (64u << 10) /* ... and its value */
#define PAGE_ITEMS_MAX 20000        /* of one page */
#define EVENT_MESSAGE_BYTES 1024    /* the readable line */
#define SINK_BATCH_EVENTS 1000      /* that a sink is given at once */
#define SINK_BATCH_BYTES (4u << 20) /* of their bodies, unless one alone has more */
#define SINK_PATIENCE_MS 30000      /* without any progress, until a receiver counts as gone */
#define SINK_BACKOFF_MS 60000       /* longest wait between two tries */
#define SINK_BROKEN_MS 300000       /* between two tries when a person is needed */
#define AUDIT_TOLD 1000             /* differences of a kind that verify names */
#define AUDIT_NOTES_BYTES (64u << 10)
#define AUDIT_LINE_BYTES (64u << 20) /* a line of an export */
#define METRICS_SERIES_MAX 1000      /* series of one metric before its last label is "other" */
#define METRICS_LABEL_BYTES 512      /* of a label's value */
#define METRICS_VALUES 1024          /* values that quantiles are of */
#define METRICS_TEXT_BYTES (16u << 20)
#define CONFIG_FEEDS_MAX 32
#define CONFIG_SINKS_MAX 32
#define CONFIG_FILES_MAX 256           /* the configuration and those of skantd.d */
#define CONFIG_NAME_BYTES 32           /* of a feed or a sink */
#define CONFIG_LIST_MAX 1000           /* entries of one list of a filter */
#define CONFIG_WORD_BYTES 256          /* one of them */
#define CONFIG_PATH_BYTES 4095         /* PATH_MAX less its NUL */
#define CONFIG_SOCKET_BYTES 107        /* unix(7): sun_path less its NUL */
#define INGEST_RECORD_BYTES (1u << 20) /* one record, unless the configuration says otherwise */
#define INGEST_PEERS_MAX 64            /* connections at once */

/* The ingest feed. */
#define INGEST_PAGE_RECORDS 100         /* records that are stored at once, ... */
#define INGEST_PAGE_BYTES (4u << 20)    /* ... unless they are as large as this, ... */
#define INGEST_PAGE_MS 5                /* ... or the first has waited for so long */
#define INGEST_UNREAD_BYTES (64u << 20) /* of all connections together; then only one is read from */
#define INGEST_LINE_MS 30000            /* that a line takes to come, or a reply to go */
#define INGEST_IDLE_MS 60000            /* until a silent connection makes place for one that waits */
#define INGEST_RETRY_MS 500             /* between two tries to store */
/* The feeds that make their events of reports and lists. */
#define FEED_BATCH_RECORDS 4000        /* events, or things that are kept, from where on a page is stored, ... */
#define FEED_BATCH_BYTES (8u << 20)    /* ... and of their bytes */
#define FEED_BUCKET_BYTES (256u << 20) /* the rows of one bucket of a report */
#define FEED_LOOKBACK_BUCKETS 4320     /* that each poll reads again, and whose rows are kept: 3 days of minutes */
#define COST_BACK_DAYS_MAX 366         /* that skantd may be away and budgets of that time are judged all the same */
#define FEED_ROSTER_BYTES (64u << 20)  /* ids of one list */
#define FEED_ASKED_MOST 100            /* entries that a list lacks, and are asked for by themselves, in one poll */
#define FEED_ROW_BYTES (48u << 10)     /* one row of a report, one key, one person */

/* skantd's spool. */
#define SPOOL_SUBSCRIBERS_MAX 64
#define SPOOL_ID_TRIES 100           /* ids that are given to one event before it counts as refused */
#define SPOOL_READ_EVENTS 1000       /* taken to memory at once, ... */
#define SPOOL_READ_BYTES (4u << 20)  /* ... and of their bodies */
#define SPOOL_TELL_ROWS 256          /* of sinks or exceptions, ... */
#define SPOOL_TELL_BYTES (16u << 20) /* ... and of their names and reasons */
#define SPOOL_ITEM_ROWS 256          /* of what feeds keep, taken to memory at once, ... */
#define SPOOL_ITEM_BYTES (4u << 20)  /* ... and of their values */
#define SPOOL_TRIM_ROWS 1000         /* that one step of spool_trim takes away, ... */
#define SPOOL_TRIM_BYTES (1u << 20)  /* ... and of their bodies */

/* Files that skantd writes. */
#define LOGFILE_LINE_BYTES (256u << 20) /* one event in the longest format: its body has JSON_RECORD_BYTES */
#define LOGFILE_WRITE_BYTES (4u << 20)  /* gathered before it is written and synced */
#define LOGFILE_DOUBT_BYTES (4u << 20)  /* of its end, that are searched for events that may be there already, ... */
#define LOGFILE_DOUBT_EVENT_BYTES (16u << 10) /* ... and so many more for each of them, ... */
#define LOGFILE_DOUBT_FACTOR 8                /* ... and for each byte of their bodies */

/* journald. */
#define JOURNALD_DATAGRAM_BYTES (128u << 10) /* of one datagram: below what the default SO_SNDBUF lets pass, ... */
#define JOURNALD_DATAGRAM_ENTRIES 100        /* ... and so many entries */
#define JOURNALD_FRUITLESS 12                /* deliveries in a row that proved nothing, until a person is needed */
#define JOURNALD_SYNC_MS 200                 /* between two syncs of its files */
#define JOURNALD_SYNCED_MS 5000              /* between two looks whether they are synced */

/* Syslog receivers. */
#define SYSLOG_MESSAGE_BYTES (256u << 20) /* one event in the longest format: its body has JSON_RECORD_BYTES */
#define SYSLOG_WRITE_BYTES (64u << 10)    /* gathered before it is written */
#define CONN_OPEN_MS 15000                /* until there is a connection with TLS; the same for a session of RELP */
#define CONN_SETTLE_MS 200                /* and for what a TLS server has against our certificate */
#define CONN_FINISH_MS 1000               /* that the receiver has to end it in order */
#define CONN_BUFFER_BYTES (256u << 10)    /* that the system holds of what was sent */
#define CONN_DROPS 16                     /* reads of what nobody asked for, at once */
#define RELP_WINDOW 128                   /* messages that are not answered yet, as librelp has it */
#define RELP_REFILL 32                    /* of them that have to be answered until more are sent, many at once */
#define RELP_ANSWER_BYTES (16u << 10)     /* one answer */
#define DATAGRAM_BURST 16                 /* messages over UDP at once, ... */
#define DATAGRAM_BURST_US 2000            /* ... in this time; a receiver's buffer holds about 150 */
#define DATAGRAM_MISSED 4                 /* bursts that may follow at once when they are late */
#define DATAGRAM_FULL_MS 5                /* pause when the system has no room for a datagram */
#define DATAGRAM_BUFFER_BYTES (8u << 20)  /* that the system is asked for; it gives what it allows */
#define DATAGRAM_UDP_BYTES 65507u         /* payload of one datagram over IPv4 */
#define DATAGRAM_LEAST_BYTES 480u         /* RFC 5424, section 6.1: what every receiver must take */
#define PROBE_WAIT_MS 300                 /* that a receiver has to close the connection over a message */

/* HTML pages. */
#define HTML_TEXT_BYTES (16u << 20) /* one text in it */
#define HTML_TABLE_ROWS 500         /* of a table that can be read without the script; the others are data */
#define HTML_DATA_ROWS 1000         /* in one block of data */
#define HTML_PAGE_BYTES (256u << 20)
#define HTML_CHART_SERIES 9   /* in one chart, the last for all others */
#define HTML_CHART_LABELS 120 /* points of time in one */
#define HTML_CHART_LIMITS 8   /* budget lines */

#endif
