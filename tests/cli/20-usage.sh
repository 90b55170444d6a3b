#!/bin/sh
# Bad command lines and an absent daemon: one clear sentence, the right status. S000 section 8, S001-FR-028, D12
. "$(dirname "$0")/lib.sh"
# bad WANT ARG...: status 2, the reason on stderr, nothing on stdout
bad() {
	want=$1; shift
	run cli "$@"
	is "outcall $*: status" 2 $st
	has "outcall $*: reason" "^Error: $want" "$err"
	is "outcall $*: no output" "" "$out"
}
bad 'unknown command "brigde"; did you mean bridge' brigde status
bad 'unknown command "bridge stauts"; did you mean bridge status' bridge stauts
bad 'bridge needs a subcommand: status, up, down' bridge
bad 'unknown option --jsn; did you mean --json' bridge status --jsn
bad 'unexpected argument "more"' bridge status more
bad 'option --socket needs a value' bridge status --socket
bad 'option --json is given twice' bridge status --json --json
bad 'option --json takes no value' bridge status --json=1
bad 'bridge up takes no option --json' bridge up --json
bad 'ID is missing' rules show
bad 'HOST is missing' dns test
bad 'the command to run stands behind --' jail true
bad 'no command to run' jail
bad 'invalid --port "0"' explain --host h --port 0
bad 'explain takes either --host or --dns' explain
bad 'cel eval takes either' cel eval
bad 'invalid --decision "maybe"' events --decision maybe
bad 'no completion for "fish"' completion fish

run cli
is "without arguments: status" 0 $st
has "without arguments: first steps" "outcall jail --name ci" "$out"
run cli jail --help
has "help of one verb" "^Usage: outcall jail .*-- COMMAND" "$out"

sock=$T/none.sock
for verb in "bridge status" "bridge up" "bridge down" "dns status" "dns test a.test" "dns cache" "dns flush" "proxy status" \
	"rules list" "rules show a" "rules test --expr 1==1" "rules reload" \
	"requests list" "requests show a" "requests approve a" "requests reject a" "events" "status" "jail list" "explain --host a.test"; do
	# shellcheck disable=SC2086
	run cli $verb --socket "$sock"
	is "$verb without a daemon: status" 1 $st
	is "$verb without a daemon: text" "Error: cannot connect to outcalld at $sock -- is it running?" "$(printf '%s\n' "$err" | head -n 1)"
	is "$verb without a daemon: cause" "    No such file or directory" "$(printf '%s\n' "$err" | tail -n 1)"
done
run cli --socket="$sock" bridge status
is "--socket before the verb" 1 $st
bash -n -c "$(cli completion bash)" 2> "$T/e" && pass "the bash completion parses" || fail "the bash completion parses" "$(cat "$T/e")"
