{{/*
Envoy in front of a service that serves plain HTTP on 127.0.0.1: it ends TLS, takes a renewed certificate without closing a
connection (it watches the folder of a secret's files, in which kubelet swaps them), and lets WebSockets through.
https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
*/}}
{{- define "workload.envoy" -}}
# Secrets that are watched need a name of who watches.
node: {id: {{ .Chart.Name }}, cluster: trading-engine}
admin:
  address:
    socket_address: {address: 127.0.0.1, port_value: {{ .Values.tls.sidecar.adminPort }}}
static_resources:
  listeners:
    - name: serve
      address:
        socket_address: {address: 0.0.0.0, port_value: {{ include "workload.port" . }}}
      filter_chains:
        - transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context:
                alpn_protocols: [h2, http/1.1]
                tls_params:
                  tls_minimum_protocol_version: TLSv1_{{ .Values.global.tls.minimumVersion | trimPrefix "1." }}
                tls_certificate_sds_secret_configs:
                  - name: serve
                    sds_config:
                      path_config_source:
                        path: /etc/envoy/certificate.yaml
          filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: serve
                use_remote_address: false
                upgrade_configs: [{upgrade_type: websocket}]
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                route_config:
                  virtual_hosts:
                    - name: service
                      domains: ["*"]
                      routes:
                        - match: {prefix: /}
                          # The load balancer and the service have their own timeouts; a WebSocket has none.
                          route: {cluster: service, timeout: 0s}
  clusters:
    - name: service
      type: STATIC
      connect_timeout: 1s
      load_assignment:
        cluster_name: service
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address:
                    socket_address: {address: 127.0.0.1, port_value: {{ .Values.tls.sidecar.upstreamPort }}}
{{- end }}

{{- define "workload.envoyCertificate" -}}
resources:
  - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
    name: serve
    tls_certificate:
      certificate_chain: {filename: /etc/tls/tls.crt}
      private_key: {filename: /etc/tls/tls.key}
{{- end }}

{{/*
A native sidecar: it starts before the service and ends after it.
*/}}
{{- define "workload.envoyContainer" -}}
- name: envoy
  image: {{ include "common.image" (dict "root" . "image" .Values.global.images.envoy "path" "global.images.envoy") }}
  restartPolicy: Always
  args: [--config-path, /etc/envoy/envoy.yaml, --log-level, warning]
  ports:
    - name: serve
      containerPort: {{ include "workload.port" . }}
  startupProbe:
    tcpSocket:
      port: serve
    periodSeconds: 1
    failureThreshold: 30
  resources:
    {{- toYaml .Values.tls.sidecar.resources | nindent 4 }}
  securityContext:
    {{- include "common.containerSecurityContext" . | nindent 4 }}
  volumeMounts:
    - name: envoy
      mountPath: /etc/envoy
      readOnly: true
    - name: tls
      mountPath: /etc/tls
      readOnly: true
{{- end }}
