#!/usr/bin/env bash
# Replaces the nodes that would get too old before they are looked at again, the oldest first and one at a time: drains it as its
# PodDisruptionBudgets allow, terminates its instance through the Auto Scaling group, which starts another, and waits until as many
# nodes of the group are ready as before. The node that this runs on is left to the next run.
#
# Ends with 0 when nothing is left, or what is left is for the next run; with 1 when a node could not be replaced, which stays in
# service; with 2 when it cannot run at all.
set -euo pipefail

leaving_taint=ToBeDeletedByClusterAutoscaler # of the autoscaler, on nodes it is about to remove
next_taint=trading-engine/next-rotation      # of ours, on the node that this ran on

settings=(NODE_NAME MAXIMUM_AGE_SECONDS NEXT_WINDOW_SECONDS RUN_SECONDS DRAIN_TIMEOUT_SECONDS REPLACEMENT_TIMEOUT_SECONDS POLL_SECONDS)

draining="" # node that is cordoned by us and not yet terminated
child=""    # command that a signal has to end
failed=()

say() { printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

check_settings_and_tools() {
  local name missing=()
  for name in "${settings[@]}"; do
    [[ -n ${!name:-} ]] || missing+=("variable $name")
  done
  for name in kubectl aws; do
    command -v "$name" > /dev/null || missing+=("program $name")
  done
  if ((${#missing[@]} > 0)); then
    printf 'missing: %s\n' "${missing[@]}" >&2
    exit 2
  fi
}

# Runs a command that may take long, so that a signal ends it and not only the wait for it.
interruptible() {
  local status=0
  "$@" &
  child=$!
  wait "$child" || status=$?
  child=""
  return "$status"
}

# Whatever ends us, no node stays cordoned that is not on its way out.
leave() {
  local status=$?
  trap - EXIT
  if [[ -n $child ]]; then
    kill "$child" 2> /dev/null || true
  fi
  give_back
  exit "$status"
}

give_back() {
  if [[ -n $draining ]]; then
    complain "$draining: taking it back into service"
    kubectl uncordon "$draining" || complain "$draining: stays cordoned; kubectl uncordon $draining"
    draining=""
  fi
}

# One line a node: name|creation|group|instance|cordoned or not|Ready|leaving or not
list_nodes() {
  kubectl get nodes --selector workload --output go-template='
    {{- range .items -}}
      {{.metadata.name}}|{{.metadata.creationTimestamp}}|{{.metadata.labels.workload}}|{{.spec.providerID}}|
      {{- if .spec.unschedulable}}cordoned{{end}}|
      {{- range .status.conditions}}{{if eq .type "Ready"}}{{.status}}{{end}}{{end}}|
      {{- range .spec.taints}}{{if eq .key "'"$leaving_taint"'"}}leaving{{end}}{{end}}{{"\n"}}
    {{- end -}}'
}

# Number of ready nodes of a group, one of them perhaps left out.
count_ready() {
  local group=$1 except=${2:-} name of ready count=0 nodes
  nodes=$(list_nodes) || return 1
  while IFS='|' read -r name _ of _ _ ready _; do
    if [[ $of == "$group" && $ready == True && $name != "$except" ]]; then
      count=$((count + 1))
    fi
  done <<< "$nodes"
  say "$count"
}

# Waits until a group has so many ready nodes without the one that goes.
wait_for_replacement() {
  local name=$1 group=$2 wanted=$3 end=$((EPOCHSECONDS + REPLACEMENT_TIMEOUT_SECONDS)) ready
  while true; do
    ready=$(count_ready "$group" "$name") || ready=0 # perhaps the next question is answered
    if ((ready >= wanted)); then
      say "$name: replaced; $ready nodes of $group are ready"
      return 0
    fi
    if ((EPOCHSECONDS >= end)); then
      complain "$name: $ready of $wanted nodes of $group are ready after $REPLACEMENT_TIMEOUT_SECONDS s"
      return 1
    fi
    interruptible sleep "$POLL_SECONDS"
  done
}

# Drains a node. One that cannot be drained goes back into service.
drain() {
  local name=$1
  draining=$name
  say "$name: draining"
  if interruptible kubectl drain "$name" --ignore-daemonsets --delete-emptydir-data --timeout "${DRAIN_TIMEOUT_SECONDS}s"; then
    return 0
  fi
  complain "$name: could not be drained in $DRAIN_TIMEOUT_SECONDS s; above is which pods stayed, and why"
  give_back
  return 1
}

terminate() {
  local name=$1 instance=$2
  say "$name: terminating $instance"
  if aws autoscaling terminate-instance-in-auto-scaling-group --instance-id "$instance" \
    --no-should-decrement-desired-capacity > /dev/null; then
    draining=""
    return 0
  fi
  complain "$name: $instance could not be terminated"
  give_back
  return 1
}

# Replaces one node. Status 1: it stayed; 2: it went, and no other came.
rotate() {
  local name=$1 group=$2 instance=$3 before
  before=$(count_ready "$group") || return 1
  drain "$name" || return 1
  terminate "$name" "$instance" || return 1
  wait_for_replacement "$name" "$group" "$before" || return 2
}

# Why a node is left alone; nothing when it is to be replaced.
reason_to_skip() {
  local provider_id=$1 cordoned=$2 ready=$3 leaving=$4
  if [[ -n $leaving ]]; then
    say "the autoscaler is removing it"
  elif [[ -n $cordoned ]]; then
    say "it is cordoned, and not by this"
  elif [[ $ready != True ]]; then
    say "it is not ready"
  elif [[ ! $provider_id =~ /i-[0-9a-f]+$ ]]; then
    say "it has no instance of EC2, but: $provider_id"
  fi
}

# So that the next run starts on another node, if there is one.
mark_for_next_run() {
  say "$NODE_NAME: is due, and this runs on it; the next run takes it"
  kubectl taint node "$NODE_NAME" "$next_taint=due:PreferNoSchedule" --overwrite
}

main() {
  check_settings_and_tools
  trap leave EXIT
  trap 'exit 143' TERM INT

  # Lexical order is that of time: all are UTC, in one form.
  local oldest_allowed nodes deadline=$((EPOCHSECONDS + RUN_SECONDS)) own_is_due="" later=()
  TZ=UTC printf -v oldest_allowed '%(%Y-%m-%dT%H:%M:%SZ)T' $((EPOCHSECONDS + NEXT_WINDOW_SECONDS - MAXIMUM_AGE_SECONDS))
  nodes=$(list_nodes | LC_ALL=C sort -t '|' -k 2) # BusyBox has no long options

  local name created group provider_id cordoned ready leaving reason status
  while IFS='|' read -r name created group provider_id cordoned ready leaving; do
    [[ -n $name && $created < $oldest_allowed ]] || continue
    reason=$(reason_to_skip "$provider_id" "$cordoned" "$ready" "$leaving")
    if [[ $name == "$NODE_NAME" ]]; then
      own_is_due=yes
    elif [[ -n $reason ]]; then
      say "$name: left alone, as $reason"
    elif ((EPOCHSECONDS + DRAIN_TIMEOUT_SECONDS + REPLACEMENT_TIMEOUT_SECONDS > deadline)); then
      later+=("$name")
    else
      status=0
      rotate "$name" "$group" "${provider_id##*/}" || status=$?
      if ((status > 0)); then
        failed+=("$name")
      fi
      if ((status == 2)); then
        complain "no further node is touched while $group has one less"
        break
      fi
    fi
  done <<< "$nodes"

  [[ -z $own_is_due ]] || mark_for_next_run
  if ((${#later[@]} > 0)); then
    say "left for the next run, as there is no time for them: ${later[*]}"
  fi
  if ((${#failed[@]} > 0)); then
    complain "not replaced: ${failed[*]}"
    exit 1
  fi
}

main
