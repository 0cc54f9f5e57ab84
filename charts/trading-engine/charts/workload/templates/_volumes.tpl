{{/*
Files of the service: secrets, certificates, the authorities of RDS, and what it may write.
*/}}
{{- define "workload.mounts" -}}
{{- range .Values.scratch }}
- name: {{ .path | trimPrefix "/" | replace "/" "-" }}
  mountPath: {{ .path }}
{{- end }}
{{- if .Values.secrets }}
- name: secrets
  mountPath: /mnt/secrets
  readOnly: true
{{- end }}
{{- if include "workload.certificate" . }}
- name: tls
  mountPath: /etc/tls
  readOnly: true
{{- end }}
{{- if .Values.uses.database }}
- name: rds-ca
  mountPath: /etc/rds-ca
  readOnly: true
{{- end }}
{{- end }}

{{- define "workload.volumes" -}}
{{- range .Values.scratch }}
- name: {{ .path | trimPrefix "/" | replace "/" "-" }}
  emptyDir:
    sizeLimit: {{ .size }}
{{- end }}
{{- if .Values.secrets }}
- {{ include "common.secretsVolume" (dict "name" .Chart.Name) | nindent 2 | trim }}
{{- end }}
{{- if include "workload.certificate" . }}
- name: tls
  secret:
    secretName: {{ .Chart.Name }}-tls
    defaultMode: 0440
{{- end }}
{{- if .Values.uses.database }}
- name: rds-ca
  configMap:
    name: rds-ca
{{- end }}
{{- if include "workload.sidecar" . }}
- name: envoy
  configMap:
    name: {{ .Chart.Name }}-envoy
{{- end }}
{{- end }}
