{{- define "turnstile.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "turnstile.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "turnstile.labels" -}}
{{ include "turnstile.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "turnstile.metadata" -}}
name: {{ include "turnstile.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "turnstile.labels" . | nindent 2 }}
{{- end -}}

{{- define "turnstile.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "turnstile.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "turnstile.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{/* Whether the endpoint speaks TLS: what asks it must know. */}}
{{- define "turnstile.tls" -}}
{{- $tls := .Values.http.tls -}}
{{- if and (not .Values.existingConfigMap) (dig "http" "tls_cert_file" "" .Values.customConfig) -}}
{{- $tls = true -}}
{{- end -}}
{{- range .Values.env -}}
{{- if eq .name "TURNSTILE_HTTP_TLS_CERT_FILE" }}{{ $tls = true }}{{ end -}}
{{- end -}}
{{- if $tls }}true{{ end -}}
{{- end -}}

{{- define "turnstile.kind" -}}
{{ if .Values.staticMembership.enabled }}StatefulSet{{ else }}Deployment{{ end }}
{{- end -}}

{{/* A value as TOML. Helm's numbers are floats: toToml would write 1000.0, which is no integer. */}}
{{- define "turnstile.tomlValue" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}
{{ int64 . }}
{{- else -}}
{{ toRawJson . }}
{{- end -}}
{{- end -}}

{{- define "turnstile.tomlKey" -}}
{{ if regexMatch "^[A-Za-z0-9_-]+$" . }}{{ . }}{{ else }}{{ toRawJson . }}{{ end }}
{{- end -}}

{{/* A table as TOML, and the tables in it behind its values. */}}
{{- define "turnstile.toml" -}}
{{- $path := .path -}}
{{- range $key, $value := .table }}
{{- if not (kindIs "map" $value) }}
{{ include "turnstile.tomlKey" $key }} = {{ include "turnstile.tomlValue" $value }}
{{- end }}
{{- end }}
{{- range $key, $value := .table }}
{{- if kindIs "map" $value }}
{{- $below := append $path (include "turnstile.tomlKey" $key) }}

[{{ join "." $below }}]
{{- include "turnstile.toml" (dict "path" $below "table" $value) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What cannot work is refused before anything is installed. */}}
{{- define "turnstile.checks" -}}
{{- $config := .Values.customConfig -}}
{{- $stop := dig "shutdown" "timeout_ms" 25000 $config | int -}}
{{- if lt (mul 1000 (int .Values.terminationGracePeriodSeconds)) (add 5000 $stop) -}}
{{- fail "terminationGracePeriodSeconds must be 5 s more than shutdown.timeout_ms of customConfig: a worker that is killed meanwhile repeats records" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled -}}
{{- fail "autoscaling and keda exclude each other: two autoscalers would fight for the number of workers" -}}
{{- end -}}
{{- if not (or .Values.staticMembership.enabled .Values.autoscaling.enabled .Values.keda.enabled (eq (int .Values.replicas) 1)) -}}
{{- if or (dig "workers" "id" "" $config) (dig "kafka" "consumer" "group.instance.id" "" $config) -}}
{{- fail "workers.id and group.instance.id must differ between workers: leave them out, or set staticMembership.enabled" -}}
{{- end -}}
{{- end -}}
{{- end -}}
