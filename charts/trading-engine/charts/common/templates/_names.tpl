{{/* Every helper takes the root context, or a dict that has it as "root". */}}

{{/*
Name of a part's namespace: (dict "root" $ "part" "services").
*/}}
{{- define "common.namespace" -}}
{{- $names := .root.Values.global.namespaces -}}
{{- (index $names .part).name -}}
{{- end }}

{{/*
Labels by which a workload's pods are found, within one release: (dict "root" $ "name" "api").
*/}}
{{- define "common.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/*
Labels of every object: (dict "root" $ "name" "api"), and "version" where an image decides it.
*/}}
{{- define "common.labels" -}}
{{ include "common.selectorLabels" . }}
app.kubernetes.io/part-of: trading-engine
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .version }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
helm.sh/chart: {{ printf "trading-engine-%s" .root.Chart.Version }}
{{- end }}

{{/*
Name of an object of the whole cluster or of a whole namespace.
*/}}
{{- define "common.clusterLabels" -}}
app.kubernetes.io/part-of: trading-engine
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/*
Address of a service inside the cluster: (dict "root" $ "name" "prometheus" "part" "monitoring").
*/}}
{{- define "common.serviceHost" -}}
{{ .name }}.{{ include "common.namespace" . }}.svc.{{ .root.Values.global.clusterDomain }}
{{- end }}
