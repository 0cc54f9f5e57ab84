{{/*
Certificate of a workload, from the cluster's own authority, in the Secret <name>-tls: (dict "root" $ "name" "kibana" "part" "logging"),
and "more" names beside those of its service. For servers and clients, as some of our programs are both with one certificate. RSA in
PKCS #8, which all of them read: Logstash reads nothing else.
cert-manager renews it in time; what reads it only when it starts does so within the seven days that a node lasts.
*/}}
{{- define "common.certificate" -}}
{{- $namespace := include "common.namespace" . -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  secretName: {{ .name }}-tls
  duration: 2160h
  renewBefore: 720h
  privateKey:
    algorithm: RSA
    size: 2048
    encoding: PKCS8
    rotationPolicy: Always
  usages: [digital signature, key encipherment, server auth, client auth]
  dnsNames:
    - {{ .name }}
    - {{ .name }}.{{ $namespace }}
    - {{ .name }}.{{ $namespace }}.svc
    - {{ include "common.serviceHost" . }}
    {{- range .more }}
    - {{ . | quote }}
    {{- end }}
  issuerRef:
    group: cert-manager.io
    kind: ClusterIssuer
    name: {{ .root.Values.global.tls.issuer }}
{{- end }}
