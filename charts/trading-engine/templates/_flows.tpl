{{/*
The flows as rules of policies. A name is a workload of ours or an endpoint; an unknown one is an error that lists the known.
*/}}

{{/*
Fails for a name that is neither: (dict "root" $ "name" "db" "path" "networkPolicy.flows[0].to").
*/}}
{{- define "flows.known" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- if not (or (eq .name "*") (hasKey $policy.workloads .name) (hasKey $policy.endpoints .name)) -}}
{{- fail (printf "\n\n%s: %s is neither a workload nor an endpoint; workloads: %s; endpoints: %s\n" .path .name (keys $policy.workloads | sortAlpha | join ", ") (keys $policy.endpoints | sortAlpha | join ", ")) -}}
{{- end -}}
{{- if (index $policy.workloads .name | default dict).hostNetwork -}}
{{- fail (printf "\n\n%s: %s uses the host's network, which policies do not see; name the endpoint of the nodes' addresses\n" .path .name) -}}
{{- end -}}
{{- end }}

{{/*
Whether a workload's pods are there, and policies see them: (dict "root" $ "workload" $workload). Those on the host's network
are outside of policies, and Redis' exporter is only where Redis is.
*/}}
{{- define "flows.closed" -}}
{{- $missing := and (eq (.workload.needs | default "") "redis") (not .root.Values.global.cluster.redis.host) -}}
{{- if not (or .workload.hostNetwork $missing) -}}
{{- if index .root.Values.global.controlPlane .workload.part -}}true{{- end -}}
{{- end -}}
{{- end }}

{{/*
Whether a list of names means this workload: (dict "root" $ "names" (list "*") "name" "api").
*/}}
{{- define "flows.means" -}}
{{- if or (has .name .names) (has "*" .names) -}}true{{- end -}}
{{- end }}

{{/*
Peers of a rule, as items of `from` or `to`: (dict "root" $ "name" "prometheus").
*/}}
{{- define "flows.peers" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- if eq .name "*" -}}
{{- range $name, $workload := $policy.workloads -}}
{{- if not $workload.hostNetwork }}
{{ include "flows.pods" (dict "namespace" (include "common.namespace" (dict "root" $.root "part" $workload.namespace)) "labels" (dict "app.kubernetes.io/name" $name)) }}
{{- end -}}
{{- end -}}
{{- else if hasKey $policy.workloads .name -}}
{{- $workload := index $policy.workloads .name -}}
{{ include "flows.pods" (dict "namespace" (include "common.namespace" (dict "root" .root "part" $workload.namespace)) "labels" (dict "app.kubernetes.io/name" .name)) }}
{{- else -}}
{{- include "flows.endpoint" (dict "root" .root "endpoint" (index $policy.endpoints .name)) -}}
{{- end -}}
{{- end }}

{{- define "flows.pods" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .namespace }}
  podSelector:
    matchLabels:
      {{- toYaml .labels | nindent 6 }}
{{- end }}

{{- define "flows.endpoint" -}}
{{- $cluster := .root.Values.global.cluster -}}
{{- with .endpoint.podLabels -}}
{{ include "flows.pods" (dict "namespace" $.endpoint.namespace "labels" .) }}
{{- end -}}
{{- range .endpoint.subnets -}}
{{- range include "common.facts" (dict "root" $.root "key" (printf "subnets.%s" .)) | fromYamlArray }}
- ipBlock: {cidr: {{ . }}}
{{- end -}}
{{- end -}}
{{- range .endpoint.cidrs }}
- ipBlock: {cidr: {{ . }}}
{{- end -}}
{{- if .endpoint.kubernetesService }}
{{- /* The API server's service has the first address of the range of services. */}}
- ipBlock: {cidr: {{ include "common.fact" (dict "root" .root "key" "serviceCidr") | regexFind "^[0-9]+[.][0-9]+[.][0-9]+[.]" }}1/32}
{{- end -}}
{{- if .endpoint.internet }}
- ipBlock:
    cidr: 0.0.0.0/0
    except:
      {{- range .root.Values.networkPolicy.privateRanges }}
      - {{ . }}
      {{- end }}
{{- end -}}
{{- end }}

{{/*
Ports of a rule: (dict "root" $ "flow" $flow "path" "networkPolicy.flows[0]").
*/}}
{{- define "flows.ports" -}}
{{- $ports := .root.Values.global.ports -}}
{{- range $name := .flow.ports -}}
{{- if not (hasKey $ports $name) -}}
{{- fail (printf "\n\n%s.ports: %s is no port; known: %s (global.ports)\n" $.path $name (keys $ports | sortAlpha | join ", ")) -}}
{{- end -}}
{{- range $.flow.protocols | default (list "TCP") }}
- {protocol: {{ . }}, port: {{ index $ports $name }}}
{{- end -}}
{{- end -}}
{{- end }}

{{/*
Rules of a workload in one direction: (dict "root" $ "name" "api" "ours" "to" "theirs" "from") gives what comes in.
*/}}
{{- define "flows.rules" -}}
{{- range $number, $flow := .root.Values.networkPolicy.flows -}}
{{- if include "flows.means" (dict "root" $.root "names" (index $flow $.ours) "name" $.name) }}
# {{ $flow.from | join ", " }} to {{ $flow.to | join ", " }}: {{ $flow.why }}
- {{ $.theirs }}:
    {{- range index $flow $.theirs }}
    {{- include "flows.peers" (dict "root" $.root "name" .) | trim | nindent 4 }}
    {{- end }}
  ports:
    {{- include "flows.ports" (dict "root" $.root "flow" $flow "path" (printf "networkPolicy.flows[%d]" $number)) | trim | nindent 4 }}
{{- end -}}
{{- end -}}
{{- end }}
