{{/* Objects that several subcharts have, and what the specs of their pods share. */}}

{{/*
Metadata of an object of one workload: (dict "root" $ "name" "grafana" "part" "monitoring"), and "version" where an image decides it.
*/}}
{{- define "common.metadata" -}}
name: {{ .name }}
namespace: {{ include "common.namespace" . }}
labels:
  {{- include "common.labels" . | nindent 2 }}
{{- end }}

{{/*
Service account of a workload: (dict "root" $ "name" "grafana" "part" "monitoring"). Its values may have serviceAccount.roleArn.
*/}}
{{- define "common.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- with include "common.serviceAccountAnnotations" (dict "root" .root "serviceAccount" (.root.Values.serviceAccount | default dict)) }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
# Pods that speak to the Kubernetes API ask for the token themselves.
automountServiceAccountToken: false
{{- end }}

{{/*
What a workload fetches from Secrets Manager: (dict "root" $ "name" "grafana" "part" "monitoring" "secrets" list), as
common.secretParameters takes it.
*/}}
{{- define "common.secretProviderClass" -}}
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  provider: aws
  parameters:
    {{- include "common.secretParameters" (dict "root" .root "secrets" .secrets) | nindent 4 }}
{{- end }}

{{/*
Address of a workload inside the cluster: (dict "root" $ "name" "grafana" "part" "monitoring" "port" "grafana"), the port by its
name in global.ports. The service's port is the container's: the VPC CNI enforces policies before the address is translated.
https://github.com/aws/amazon-vpc-cni-k8s/issues/3181
*/}}
{{- define "common.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  {{- if .headless }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "common.selectorLabels" . | nindent 4 }}
  ports:
    - name: http
      port: {{ index .root.Values.global.ports .port }}
      targetPort: http
{{- end }}

{{/*
One pod at a time when nodes are drained: (dict "root" $ "name" "alertmanager" "part" "monitoring").
*/}}
{{- define "common.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  # A pod that is not ready protects nothing.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.selectorLabels" . | nindent 6 }}
{{- end }}

{{/*
Gives a cluster role of a workload to its service account; both have the release's name in theirs: (dict "root" $ "name"
"kube-state-metrics" "part" "monitoring").
*/}}
{{- define "common.clusterRoleBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .root.Release.Name }}-{{ .name }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .root.Release.Name }}-{{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .name }}
    namespace: {{ include "common.namespace" . }}
{{- end }}

{{/*
Labels of a workload's pods: (dict "root" $ "name" "grafana").
*/}}
{{- define "common.podLabels" -}}
{{ include "common.selectorLabels" . }}
app.kubernetes.io/part-of: trading-engine
{{- end }}

{{/*
Beginning of a pod's spec: (dict "root" $ "name" "grafana" "user" 472), and "token" true where it speaks to the Kubernetes API.
The group of nodes is the workload's value nodeGroup.
*/}}
{{- define "common.podSpec" -}}
serviceAccountName: {{ .name }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
priorityClassName: trading-engine-monitoring
securityContext:
  {{- include "common.podSecurityContext" (dict "user" .user) | nindent 2 }}
{{ include "common.placement" (dict "root" .root "nodeGroup" .root.Values.nodeGroup "path" (printf "%s.nodeGroup" .name)) }}
{{- end }}

{{/*
Image of a workload of ours from global.images: (dict "root" $ "image" "grafana").
*/}}
{{- define "common.upstreamImage" -}}
{{- include "common.image" (dict "root" .root "image" (index .root.Values.global.images .image) "path" (printf "global.images.%s" .image)) -}}
{{- end }}

{{/*
Command of a program that reads its secrets only when it starts: (dict "root" $ "program" "/bin/postgres_exporter"). It keeps their
sums in /tmp; common.secretsUnchanged compares them.
*/}}
{{- define "common.secretsCommand" -}}
command:
  - /bin/sh
  - -c
  - sha256sum /mnt/secrets/* > /tmp/secrets.sha256 && exec "$0" "$@"
  - {{ .program }}
{{- end }}

{{/*
Liveness of such a program: it answers, and its secrets are those it started with. After a rotation the driver writes the new ones
into the files within two minutes (its poll interval), and kubelet starts the program again: (dict "root" $ "port" "postgres-exporter").
*/}}
{{- define "common.secretsUnchanged" -}}
exec:
  command:
    - /bin/sh
    - -c
    - sha256sum -c -s /tmp/secrets.sha256 && wget -q -O /dev/null http://127.0.0.1:{{ index .root.Values.global.ports .port }}/
periodSeconds: 30
timeoutSeconds: 5
failureThreshold: 2
{{- end }}
