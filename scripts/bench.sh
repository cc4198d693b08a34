#!/usr/bin/env bash
# Measures whole processes side by side and prints them beside their goals. Only the ratios travel to another machine; they
# are taken within a round, and of several rounds the median counts, since a machine drifts. RUNS=1000 measures longer.
# Needs hyperfine, dbus, gnome-keyring and libsecret-tools (Debian packages); runs on a bus, keyring and HOME of its own.
set -euo pipefail
for tool in hyperfine dbus-daemon dbus-monitor gnome-keyring-daemon secret-tool go; do
  command -v "$tool" >/dev/null || { echo "bench: $tool is missing: apt-get install hyperfine dbus gnome-keyring libsecret-tools" >&2; exit 1; }
done
rounds=7 runs=$((${RUNS:-280} / 7))

export TOKEN_SIZE=800 # as STS gives
# shellcheck source=scripts/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
repository=$PWD bin="$work/whichrole" sts=$AWS_ENDPOINT_URL_STS
cp bin/whichrole "$bin" # all are copies, as what is installed is: fresh from the linker they start more slowly
for program in empty bareget barecold atonce; do
  CGO_ENABLED=0 go build -tags nethttpomithttp2 -trimpath -ldflags "-s -w" -o "$work/built" "./internal/test/bench/$program"
  cp "$work/built" "$work/$program"
done

# By name, since the kernel keyring and /dev/shm are the user's own: nothing else in them is touched.
forget() { (cd "$work/infra/qa" && "$bin" cache clear --env qa >/dev/null 2>&1) || true; }
trap 'forget; cleanup' EXIT

# timed NAME RUNS COMMAND [OPTION...] adds the median of the round, in ms, to $work/times.
timed() {
  local name=$1 n=$2 command=$3
  shift 3
  ${below[@]+"${below[@]}"} hyperfine -N --style none --warmup 3 --runs "$n" --export-csv "$work/csv" "$@" "$command" >"$work/log" 2>&1 ||
    { echo "bench: $command:" >&2; cat "$work/log" >&2; exit 1; }
  printf '%s\t%s\t%s\n' "$round" "$name" "$(awk -F, 'END { print $4 * 1000 }' "$work/csv")" >>"$work/times"
}

median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
ms() { awk -F'\t' -v a="$1" '$2 == a { print $3 }' "$work/times" | median; }
ratio() { # of A to B in the same round
  awk -F'\t' -v a="$1" -v b="$2" '$2 == a { x[$1] = $3 } $2 == b { y[$1] = $3 } END { for (r in x) print x[r] / y[r] }' "$work/times" | median
}

say() { [ ! -t 2 ] || printf '\r%-40s\r%s' "" "$*" >&2; }

# held VALUE GOAL [LIMIT] says whether it is.
held() { awk -v v="$1" -v goal="$2" -v limit="${3:-$2}" 'BEGIN { print v <= goal ? "ok" : v <= limit ? "ok, over the goal" : "OVER" }'; }
row() { printf '%-36s %9s %9s %11s   %-28s %s\n' "$@"; }
num() { LC_ALL=C printf "%.$2f" "$1"; }
process() { # NAME [GOAL MARK]
  row "$1" "$(num "$(ms "$1")" 2)" "$(num "$(ratio "$1" "$empty")" 2)" "$(num "$(ratio "$1" "$get")" 2)" "${2:-}" "${3:-}"
}

answer() { "$bin" credential-process; }
caches() { # whether the store that WHICHROLE_CACHE names works here
  local first second
  first=$(answer 2>/dev/null) && second=$(answer 2>/dev/null) && [ "$first" = "$second" ]
}

big_map() { # of N environments, in $work/mapN
  mkdir -p "$work/map$1/.git" "$work/map$1/live/account-$(($1 / 2))/vpc"
  echo "ref: refs/heads/main" >"$work/map$1/.git/HEAD"
  awk -v n="$1" 'BEGIN {
    printf "version: 1\nsource: [{profile: corp}]\ndefaults: {region: eu-west-1, session_name: \"{user}-{env}\"}\nenvironments:\n"
    for (i = 0; i < n; i++)
      printf "  account-%d:\n    dirs: [live/account-%d]\n    role_arn:\n      plan: arn:aws:iam::%012d:role/plan\n      apply: arn:aws:iam::%012d:role/apply\n", i, i, i, i
    printf "no_role: [modules]\n"
  }' >"$work/map$1/.whichrole.yaml"
  "$bin" -C "$work/map$1" trust --yes >/dev/null 2>&1
}
in_map() { echo "$bin -C $work/map$1/live/account-$(($1 / 2))/vpc"; }

# Ten processes above the one that is measured. Each waits for the next: bash would otherwise become its last command.
cat >"$work/below" <<'BELOW'
#!/usr/bin/env bash
n=$1
shift
if [ "$n" = 0 ]; then "$@"; else "$0" $((n - 1)) "$@"; fi
exit $?
BELOW
chmod +x "$work/below"
below=()

big_repository() { # of 20,000 directories, each a root module of three files, in $work/monorepo
  mkdir -p "$work/monorepo/.git"
  echo "ref: refs/heads/main" >"$work/monorepo/.git/HEAD"
  printf 'version: 1\nsource: [{profile: corp}]\nenvironments:\n  live: {dirs: ["live/{team}/{stack}"], role_arn: "arn:aws:iam::111111111111:role/{team}"}\n' >"$work/monorepo/.whichrole.yaml"
  (
    cd "$work/monorepo"
    for team in $(seq 200); do
      mkdir -p "live/team-$team/stack-1"
      printf 'terraform {\n  backend "s3" {\n    bucket = "state"\n    key    = "x"\n    region = "eu-west-1"\n  }\n}\nprovider "aws" {\n  region = "eu-west-1"\n}\n' >"live/team-$team/stack-1/main.tf"
      printf 'variable "size" {\n  type    = number\n  default = 3\n}\n' >"live/team-$team/stack-1/variables.tf"
      printf 'output "size" {\n  value = var.size\n}\n' >"live/team-$team/stack-1/outputs.tf"
      for stack in $(seq 2 99); do cp -r "live/team-$team/stack-1" "live/team-$team/stack-$stack"; done
    done
  )
}

bus_calls() { # of one command
  dbus-monitor --profile "type='method_call'" >"$work/calls" 2>/dev/null 9>&- &
  local monitor=$!
  started+=("$monitor")
  for _ in $(seq 100); do grep NameLost "$work/calls" >/dev/null && break; sleep 0.05; done
  "$@" >/dev/null
  sleep 0.5
  kill "$monitor"
  awk '$1 == "mc"' "$work/calls" | wc -l
}

load=$(cut -d" " -f1 /proc/loadavg 2>/dev/null || true)
start_keyring
cd "$work/infra/qa"
"$bin" trust --yes >/dev/null 2>&1
answer >"$work/first"
"$bin" cache list | grep keyring >/dev/null || { echo "bench: the keyring is not used" >&2; exit 1; }
"$work/bareget" bench item "$(cat "$work/first")" >/dev/null
big_map 200
big_map 5000
big_repository
kernel=no
WHICHROLE_CACHE=kernel caches && kernel=yes

empty="empty Go program" get="bare keyring.Get" bare="bare miss, POST and Set"
for round in $(seq "$rounds"); do
  say "round $round of $rounds"
  timed "$empty" "$runs" "$work/empty"
  timed "$get" "$runs" "$work/bareget bench item"
  timed "secret-tool lookup" "$runs" "secret-tool lookup service bench username item"
  timed "cached, Secret Service" "$runs" "$bin credential-process"
  [ "$kernel" = no ] || WHICHROLE_CACHE=kernel timed "cached, kernel keyring" "$runs" "$bin credential-process"
  WHICHROLE_CACHE="file" timed "cached, runtime file" "$runs" "$bin credential-process"
  below=("$work/below" 8) # and hyperfine, and this
  timed "one role, ten processes above" "$runs" "$bin credential-process"
  (cd ../production && timed "plan and apply roles, ten above" "$runs" "$bin credential-process")
  below=()
  timed "show" "$runs" "$bin"
  timed "show --format, for a prompt" "$runs" "$bin show --format {env}"
  WHICHROLE_CACHE="file" timed "exec: until its command runs" "$runs" "$bin exec -- $work/empty"
  timed "show, map of 200" "$runs" "$(in_map 200)"
  timed "show, map of 5,000" $((runs / 5 + 1)) "$(in_map 5000)"
  timed "$bare" $((runs / 2)) "$work/barecold $sts" --prepare "$work/barecold"
  timed "cold: nothing cached" $((runs / 2)) "$bin credential-process" --prepare "$bin cache clear --env qa"
done

for round in $(seq "$rounds"); do
  say "twenty at once, $round of $rounds"
  forget
  one=$("$work/atonce" -n 1 -sts "$sts" -delay 150ms "$bin" credential-process)
  forget
  cold=$("$work/atonce" -n 20 -sts "$sts" -delay 150ms "$bin" credential-process)
  warm=$("$work/atonce" -n 20 -sts "$sts" -delay 150ms "$bin" credential-process)
  echo "$one $cold $warm" >>"$work/batches"
done
batch() { awk -v i="$1" '{ print $i }' "$work/batches" | median; }
most() { awk -v i="$1" '$i > n { n = $i } END { print n + 0 }' "$work/batches"; }
together=$(awk '{ print $6 / ($1 + $11) }' "$work/batches" | median)

say "memory, calls, large maps"
forget
peak_cold=$("$work/atonce" -n 1 "$bin" credential-process | awk '{ print $5 / 1000 }')
peak_cached=$("$work/atonce" -n 1 "$bin" credential-process | awk '{ print $5 / 1000 }')
# shellcheck disable=SC2046 # a command and its arguments
peak_map=$("$work/atonce" -n 1 $(in_map 5000) | awk '{ print $5 / 1000 }')
calls_get=$(bus_calls "$work/bareget" bench item)
calls_cached=$(bus_calls answer)
forget
calls_cold=$(bus_calls answer)
"$work/barecold"
calls_bare=$(bus_calls "$work/barecold" "$sts")
round=1
timed "list --dirs" 3 "$bin -C $work/monorepo list --dirs"
dirs=$(ms "list --dirs")
size=$(wc -c <"$bin" | awk '{ print $1 / 1e6 }')
(cd "$repository" && go test -run '^$' -bench 'DecodeAndResolve' -benchtime 10x -count 5 ./internal/rolemap) >"$work/rolemap" 2>&1 ||
  { echo "bench: go test -bench in rolemap:" >&2; cat "$work/rolemap" >&2; exit 1; }
resolved() { awk -v name="BenchmarkDecodeAndResolve$1-" 'index($1 "-", name) == 1 { print $3 / 1e6 }' "$work/rolemap" | median; }
say

awk '$1 > 1.5 { print "(something else is running too, load " $1 ": these figures are worth less)\n" }' <<<"$load"
row "whole processes, medians" "ms" "x empty" "x bare Get" "goal" ""
process "$empty"
process "$get"
process "secret-tool lookup"
process "cached, Secret Service" "1.3, at most 1.5 x bare Get" "$(held "$(ratio "cached, Secret Service" "$get")" 1.3 1.5)"
if [ "$kernel" = yes ]; then
  process "cached, kernel keyring" "2.8 x empty" "$(held "$(ratio "cached, kernel keyring" "$empty")" 2.8)"
else
  row "cached, kernel keyring" "" "" "" "2.8 x empty" "not available here"
fi
tree=$(awk -v a="$(ms "plan and apply roles, ten above")" -v b="$(ms "one role, ten processes above")" 'BEGIN { print a - b }')
process "one role, ten processes above"
process "plan and apply roles, ten above" "1 ms more than the line above" "$(num "$tree" 2): $(held "$tree" 1)"
process "cached, runtime file" "2.8 x empty" "$(held "$(ratio "cached, runtime file" "$empty")" 2.8)"
process "show"
process "show --format, for a prompt" "3 x empty" "$(held "$(ratio "show --format, for a prompt" "$empty")" 3)"
process "exec: until its command runs"
process "$bare"
against=$(ratio "cold: nothing cached" "$bare")
process "cold: nothing cached" "1.3 x the line above" "$(num "$against" 2): $(held "$against" 1.3)"
echo
row "twenty at once, STS takes 150 ms" "ms" "STS calls" "failures" "goal" ""
row "one, cold" "$(num "$(batch 1)" 0)" "$(most 4)" "$(most 2)" "" ""
row "twenty, cold" "$(num "$(batch 6)" 0)" "$(most 9)" "$(most 7)" "1 call, no failure" "$(held "$(($(most 9) + 100 * $(most 7)))" 1)"
row "twenty, cached" "$(num "$(batch 11)" 0)" "$(most 14)" "$(most 12)" "no call, no failure" "$(held "$(($(most 14) + 100 * $(most 12)))" 0)"
row "twenty cold / (one + twenty cached)" "$(num "$together" 2)" "" "" "1.5" "$(held "$together" 1.5)"
echo
row "large role maps" "ms" "x empty" "x bare Get" "goal" ""
process "show, map of 200"
process "show, map of 5,000" "150 ms" "$(held "$(ms "show, map of 5,000")" 150)"
row "decoded and resolved, 200" "$(num "$(resolved 200)" 2)" "" "" "3 ms" "$(held "$(resolved 200)" 3)"
row "list --dirs, 20,000 directories" "$(num "$dirs" 0)" "" "" "2000 ms" "$(held "$dirs" 2000)"
row "decoded and resolved, 5,000" "$(num "$(resolved 5000)" 2)" "" "" "150 ms" "$(held "$(resolved 5000)" 150)"
echo
row "size" "" "" "" "goal" ""
row "peak memory, cached" "$(num "$peak_cached" 1) MB" "" "" "18 MB" "$(held "$peak_cached" 18)"
row "peak memory, cold" "$(num "$peak_cold" 1) MB" "" "" "18 MB" "$(held "$peak_cold" 18)"
row "peak memory, show, map of 5,000" "$(num "$peak_map" 1) MB" "" "" "" ""
row "stripped binary" "$(num "$size" 1) MB" "" "" "12, at most 16 MB" "$(held "$size" 12 16)"
row "D-Bus calls, cached / bare Get" "$calls_cached / $calls_get" "" "" "at most 2 more" "$(held $((calls_cached - calls_get)) 2)"
row "D-Bus calls, cold / bare cold" "$calls_cold / $calls_bare" "" "" "" ""
