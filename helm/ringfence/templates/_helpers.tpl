{{/* Names and labels. */}}
{{- define "ringfence.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "ringfence.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "ringfence.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "ringfence.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "ringfence.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ringfence.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ringfence.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "ringfence.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "ringfence.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "ringfence.fullname" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- define "ringfence.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{ .Values.image.repository }}:{{ $tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* Brokers: as given, or the bootstrap service of a Strimzi cluster. A JSON list. */}}
{{- define "ringfence.brokers" -}}
{{- if .Values.kafka.brokers }}{{ toJson .Values.kafka.brokers }}
{{- else if .Values.kafka.strimzi.cluster }}{{ toJson (list (printf "%s-kafka-bootstrap.%s.svc:%v" .Values.kafka.strimzi.cluster .Release.Namespace .Values.kafka.strimzi.port)) }}
{{- else }}[]{{ end }}
{{- end }}

{{/* The components that this release runs, with the roles of each. A JSON map. */}}
{{- define "ringfence.components" -}}
{{- $components := dict }}
{{- if eq .Values.mode "standalone" }}
{{- $_ := set $components "standalone" "tap,engine,serve" }}
{{- else }}
{{- if .Values.tap.enabled }}{{ $_ := set $components "tap" "tap" }}{{ end }}
{{- if .Values.engine.enabled }}{{ $_ := set $components "engine" "engine" }}{{ end }}
{{- if .Values.serve.enabled }}{{ $_ := set $components "serve" "serve" }}{{ end }}
{{- end }}
{{- toJson $components }}
{{- end }}

{{/* Serving pods with a volume each are a StatefulSet. */}}
{{- define "ringfence.serveKind" -}}
{{ ternary "StatefulSet" "Deployment" .Values.serve.persistence.enabled }}
{{- end }}

{{/* What the schema cannot say, each with what to do. */}}
{{- define "ringfence.validate" -}}
{{- $v := .Values }}
{{- if eq $v.mode "distributed" }}
{{- if not (include "ringfence.brokers" . | fromJsonArray) }}
{{- fail "kafka.brokers: mode distributed needs Kafka: name at least one broker as host:port, or a Strimzi cluster in kafka.strimzi.cluster" }}
{{- end }}
{{- if and $v.engine.autoscaling.hpa.enabled $v.engine.autoscaling.keda.enabled }}
{{- fail "engine.autoscaling: hpa and keda are both enabled and would fight over the replicas: switch one off" }}
{{- end }}
{{- if and $v.tap.autoscaling.hpa.enabled (eq $v.tap.kind "DaemonSet") }}
{{- fail "tap.autoscaling.hpa: a DaemonSet has one pod a node and cannot be scaled: use tap.kind Deployment, or switch the autoscaler off" }}
{{- end }}
{{- if not (or $v.tap.enabled $v.engine.enabled $v.serve.enabled) }}
{{- fail "tap.enabled, engine.enabled, serve.enabled: all are false, nothing would run" }}
{{- end }}
{{- else }}
{{- if $v.kafka.brokers }}
{{- fail "kafka.brokers: mode standalone keeps its own log and would not use Kafka: set mode to distributed, or take the brokers out" }}
{{- end }}
{{- end }}
{{- if and (ne $v.kafka.sasl.mechanism "none") (not $v.kafka.strimzi.user.enabled) (not (and $v.kafka.sasl.username $v.kafka.sasl.existingSecret)) }}
{{- fail "kafka.sasl: a mechanism needs username and existingSecret (a Secret with the password under passwordKey)" }}
{{- end }}
{{- if and $v.kafka.strimzi.user.enabled (not $v.kafka.strimzi.cluster) }}
{{- fail "kafka.strimzi.user: a KafkaUser needs the name of its cluster in kafka.strimzi.cluster" }}
{{- end }}
{{- if and $v.kafka.strimzi.topics.enabled (not $v.kafka.strimzi.cluster) }}
{{- fail "kafka.strimzi.topics: a KafkaTopic needs the name of its cluster in kafka.strimzi.cluster" }}
{{- end }}
{{- if and $v.kafka.tls.clientCertificate (not $v.kafka.tls.existingSecret) }}
{{- fail "kafka.tls.clientCertificate: needs kafka.tls.existingSecret with tls.crt and tls.key" }}
{{- end }}
{{- if and (or $v.monitoring.prometheusRule.enabled $v.monitoring.dashboards.enabled) (not $v.monitoring.runbookUrl) }}
{{- fail "monitoring.runbookUrl: alerts and dashboards link to the runbook: say where docs/runbook.md is to be read, on your wiki or in your repository" }}
{{- end }}
{{- if and $v.monitoring.podMonitor.enabled $v.monitoring.serviceMonitor.enabled }}
{{- fail "monitoring: podMonitor and serviceMonitor are both enabled, every series would be there twice: switch one off" }}
{{- end }}
{{- end }}

{{/* SASL as it is used: a Strimzi user brings its own Secret. A JSON map of mechanism, username, secret and key. */}}
{{- define "ringfence.sasl" -}}
{{- if .Values.kafka.strimzi.user.enabled }}
{{- toJson (dict "mechanism" "scram-sha-512" "username" (include "ringfence.fullname" .) "secret" (include "ringfence.fullname" .) "key" "password") }}
{{- else }}
{{- with .Values.kafka.sasl }}{{ toJson (dict "mechanism" .mechanism "username" .username "secret" .existingSecret "key" .passwordKey) }}{{ end }}
{{- end }}
{{- end }}

{{/* Port of the taps by protocol: {"udp": [..], "tcp": [..]} out of `listen` addresses and `port` keys of config.taps. */}}
{{- define "ringfence.tapPorts" -}}
{{- $udp := list }}{{ $tcp := list }}
{{- range .Values.config.taps }}
{{- if has .type (list "smpp" "chat" "websocket" "rspamd" "arf") }}
{{- with .port }}{{ $tcp = append $tcp (int .) }}{{ end }}
{{- else if eq .type "hep" }}
{{- range regexFindAll "(udp|tcp|tls)://[^ ]+:[0-9]+" (default "udp://0.0.0.0:9060" .listen) -1 }}
{{- $port := regexFind "[0-9]+$" . | int }}
{{- if hasPrefix "udp" . }}{{ $udp = append $udp $port }}{{ else }}{{ $tcp = append $tcp $port }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson (dict "udp" (uniq $udp) "tcp" (uniq $tcp)) }}
{{- end }}

{{- define "ringfence.httpScheme" -}}
{{- $tls := dig "serve" "tls" "certFile" "" .root.Values.config }}
{{- if and $tls (contains "serve" .roles) }}HTTPS{{ else }}HTTP{{ end }}
{{- end }}

{{/* The whole configuration: the user's under `config`, the chart's own over it. */}}
{{- define "ringfence.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $_ := set $config "data" "/var/lib/ringfence" }}
{{- $_ := set $config "serve" (mergeOverwrite (deepCopy (default dict $config.serve)) (dict "listen" "0.0.0.0:9464")) }}
{{- $_ := set $config "metrics" (mergeOverwrite (deepCopy (default dict $config.metrics)) (dict "listen" "0.0.0.0:9464" "tenant" .Values.monitoring.tenant)) }}
{{- $log := deepCopy (default dict $config.log) }}
{{- if eq .Values.mode "distributed" }}
{{- $sasl := include "ringfence.sasl" . | fromJson }}
{{- $kafka := dict "brokers" (include "ringfence.brokers" . | fromJsonArray) "topicPrefix" .Values.kafka.topicPrefix "tls" .Values.kafka.tls.enabled "saslMechanism" $sasl.mechanism "createTopics" (not .Values.kafka.strimzi.topics.enabled) }}
{{- if ne $sasl.mechanism "none" }}
{{- $_ := set $kafka "username" $sasl.username }}
{{- $_ := set $kafka "passwordFile" (printf "/etc/ringfence/kafka/sasl/%s" $sasl.key) }}
{{- end }}
{{- if and .Values.kafka.tls.enabled .Values.kafka.tls.existingSecret }}
{{- $_ := set $kafka "caFile" "/etc/ringfence/kafka/tls/ca.crt" }}
{{- if .Values.kafka.tls.clientCertificate }}
{{- $_ := set $kafka "certFile" "/etc/ringfence/kafka/tls/tls.crt" }}
{{- $_ := set $kafka "keyFile" "/etc/ringfence/kafka/tls/tls.key" }}
{{- end }}
{{- end }}
{{- $log = mergeOverwrite $log (dict "kind" "kafka" "kafka" (mergeOverwrite (deepCopy (default dict $log.kafka)) $kafka)) }}
{{- else }}
{{- $log = mergeOverwrite $log (dict "kind" "embedded") }}
{{- end }}
{{- $_ := set $config "log" $log }}
{{- $folders := list }}
{{- range .Values.builtinPacks }}{{ $folders = append $folders (printf "/opt/ringfence/engine/packs/%s" .) }}{{ end }}
{{- range $name, $_ := .Values.packs }}{{ $folders = append $folders (printf "/etc/ringfence/packs/%s" $name) }}{{ end }}
{{- if $folders }}
{{- $engine := deepCopy (default dict $config.engine) }}
{{- $_ := set $engine "packs" (concat (default list $engine.packs) $folders) }}
{{- $_ := set $config "engine" $engine }}
{{- end }}
{{- toYaml $config }}
{{- end }}
