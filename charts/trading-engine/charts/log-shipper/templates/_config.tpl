{{/*
Configuration of Fluent Bit. https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml

Its place in the files is kept with the pod: a new pod reads what the node still has from the beginning, and Elasticsearch refuses
the lines that it has. To lose none costs that they are sent twice.
*/}}
{{- define "log-shipper.config" -}}
service:
  flush: 5
  grace: 30
  log_level: info
  http_server: on
  http_listen: 0.0.0.0
  http_port: 2020
  health_check: on
  storage.path: /var/lib/fluent-bit/storage
  storage.backlog.mem_limit: 16M
  # Pieces of up to 2 MB that are in memory at once; the others are on disk alone.
  storage.max_chunks_up: 32
pipeline:
  inputs:
    - name: tail
      tag: kube.*
      path: /var/log/containers/*.log
      # Lines about lines that could not be sent would be sent.
      exclude_path: /var/log/containers/log-shipper-*.log,/var/log/containers/logstash-*.log
      # Of containerd; long lines come in pieces.
      multiline.parser: cri
      path_key: file
      offset_key: offset
      db: /var/lib/fluent-bit/tail.db
      db.locking: true
      read_from_head: true
      refresh_interval: 10
      rotate_wait: 30
      buffer_max_size: 512k
      skip_long_lines: on
      # What Logstash does not take in time waits on disk.
      storage.type: filesystem
  filters:
    # Names and labels of the pod, from the API server; the namespace, pod and container stand in the name of the file.
    - name: kubernetes
      match: kube.*
      labels: on
      annotations: off
      buffer_size: 512k
  outputs:
    - name: http
      match: kube.*
      host: {{ include "common.serviceHost" (dict "root" . "name" "logstash" "part" "logging") }}
      port: {{ .Values.global.ports.logstash }}
      uri: /
      format: json
      json_date_key: "@timestamp"
      json_date_format: iso8601
      compress: gzip
      log_response_payload: false
      tls: on
      tls.verify: on
      tls.verify_hostname: on
      tls.ca_file: /etc/tls/ca.crt
      tls.crt_file: /etc/tls/tls.crt
      tls.key_file: /etc/tls/tls.key
      retry_limit: no_limits
      storage.total_limit_size: {{ .Values.buffer }}M
{{- end }}
