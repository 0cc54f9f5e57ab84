{{/*
logstash.yml. https://www.elastic.co/guide/en/logstash/8.19/logstash-settings-file.html
*/}}
{{- define "logstash.settings" -}}
api.http.host: 0.0.0.0
api.http.port: 9600
log.format: json
pipeline.ecs_compatibility: v8
# A line is confirmed to the shipper when it is on disk, and a Logstash that is told to end writes what it has to Elasticsearch.
queue.type: persisted
queue.max_bytes: {{ .Values.queue }}mb
queue.drain: true
xpack.monitoring.enabled: false
{{- end }}

{{/*
How long logs are kept: an index a day, and each for so many days from its last line on.
*/}}
{{- define "logstash.lifecycle" -}}
{{- $rollover := dict "max_age" "1d" "max_primary_shard_size" "50gb" -}}
{{- $phases := dict "hot" (dict "actions" (dict "rollover" $rollover)) "delete" (dict "min_age" (printf "%dd" (int .Values.retentionDays)) "actions" (dict "delete" dict)) -}}
{{- dict "policy" (dict "phases" $phases) | toJson -}}
{{- end }}

{{/*
Address of Elasticsearch.
*/}}
{{- define "logstash.elasticsearchUrl" -}}
https://{{ include "common.serviceHost" (dict "root" . "name" "logging-elasticsearch" "part" "logging") }}:{{ .Values.global.ports.elasticsearch }}
{{- end }}
