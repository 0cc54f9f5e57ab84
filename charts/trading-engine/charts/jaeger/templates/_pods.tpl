{{/* What the pods of collectors and query services share. */}}

{{/*
Beginning of their spec: (dict "root" $ "name" "jaeger-query"). One service account and one set of secrets for all of Jaeger.
*/}}
{{- define "jaeger.podSpec" -}}
{{ include "common.podSpec" (dict "root" .root "name" "jaeger" "user" 10001) }}
{{ include "common.spread" (dict "root" .root "name" .name) }}
# A collector writes what it has taken before it ends.
terminationGracePeriodSeconds: 60
volumes:
  - name: config
    configMap:
      name: {{ .name }}
  {{- include "jaeger.storageVolumes" . | nindent 2 }}
{{- end }}

{{/*
What is needed to reach Elasticsearch: its authority, without the key that lies in the same Secret, and the password.
*/}}
{{- define "jaeger.storageVolumes" -}}
- name: elasticsearch-ca
  secret:
    secretName: tracing-elasticsearch-tls
    items:
      - key: ca.crt
        path: ca.crt
- {{ include "common.secretsVolume" (dict "name" "jaeger") | nindent 2 | trim }}
{{- end }}

{{- define "jaeger.storageMounts" -}}
- name: elasticsearch-ca
  mountPath: /etc/elasticsearch-ca
  readOnly: true
- name: secrets
  mountPath: /mnt/secrets
  readOnly: true
{{- end }}

{{/*
Their container, without its ports: (dict "root" $ "name" "jaeger-query" "settings" .Values.query).
*/}}
{{- define "jaeger.container" -}}
name: {{ .name }}
image: {{ include "common.upstreamImage" (dict "root" .root "image" "jaeger") }}
args: [--config, /etc/jaeger/config.yaml]
env:
  # The query service would send spans of its own to a collector in its own pod, where there is none.
  # https://www.jaegertracing.io/docs/2.20/operations/monitoring/#traces
  - name: OTEL_TRACES_SAMPLER
    value: always_off
# It ends when Elasticsearch cannot be reached at its start, and is started again.
startupProbe:
  {{- include "jaeger.probe" . | nindent 2 }}
  periodSeconds: 2
  failureThreshold: 30
livenessProbe:
  {{- include "jaeger.probe" . | nindent 2 }}
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
readinessProbe:
  {{- include "jaeger.probe" . | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 2
lifecycle:
  preStop:
    # Until nobody sends to it any more.
    sleep:
      seconds: 5
resources:
  {{- toYaml .settings.resources | nindent 2 }}
securityContext:
  {{- include "common.containerSecurityContext" .root | nindent 2 }}
volumeMounts:
  - name: config
    mountPath: /etc/jaeger
    readOnly: true
  {{- include "jaeger.storageMounts" . | nindent 2 }}
{{- end }}

{{- define "jaeger.probe" -}}
httpGet:
  path: /status
  port: health
{{- end }}
