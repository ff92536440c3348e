{{/* What the names of all objects begin with: the release, and "leat" where it does not say so. */}}
{{- define "leat.fullname" -}}
{{- $name := ternary .Release.Name (printf "%s-leat" .Release.Name) (contains "leat" .Release.Name) -}}
{{- $name | trunc 30 | trimSuffix "-" -}}
{{- end }}

{{/* Labels of every object; what the flux CLI finds an installation by is among them. */}}
{{- define "leat.labels" -}}
{{- $own := dict
  "app.kubernetes.io/name" "leat"
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/part-of" "flux"
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name (replace "+" "_" .Chart.Version)) -}}
{{- toYaml (merge $own .Values.commonLabels) -}}
{{- end }}

{{/* Labels of what belongs to one controller. Called with the release and one of "leat.controllers". */}}
{{- define "leat.controllerLabels" -}}
{{- $labels := include "leat.labels" .root | fromYaml -}}
{{- toYaml (set $labels "app.kubernetes.io/component" .controller.name) -}}
{{- end }}

{{/* The enabled controllers, as a YAML list: what files/controllers.yaml knows, and their values with the defaults of all. */}}
{{- define "leat.controllers" -}}
{{- $facts := fromYaml (.Files.Get "files/controllers.yaml") -}}
{{- $enabled := list -}}
{{- range $key, $own := .Values.controllers -}}
{{- $values := mergeOverwrite (deepCopy $.Values.defaults) $own -}}
{{- if $values.enabled -}}
{{- $known := get $facts $key -}}
{{- $fullname := printf "%s-%s" (include "leat.fullname" $) $known.name -}}
{{- $account := default $fullname $values.serviceAccount.name -}}
{{- $own := dict "key" $key "fullname" $fullname "serviceAccount" $account "values" $values -}}
{{- $enabled = append $enabled (merge $own $known) -}}
{{- end -}}
{{- end -}}
{{- toYaml $enabled -}}
{{- end }}

{{/*
The Deployments, as a YAML list: one for each controller, and one more for each of its shards. Of a shard, "app" and
"fullname" end with its name. "selects" is the label selector of the objects that it reconciles, empty for all.
*/}}
{{- define "leat.deployments" -}}
{{- $key := .Values.sharding.key -}}
{{- $shards := .Values.sharding.shards -}}
{{- $deployments := list -}}
{{- range $controller := include "leat.controllers" . | fromYamlArray -}}
{{- $rest := ternary (printf "!%s" $key) "" (not (empty $shards)) -}}
{{- $deployments = append $deployments (merge (dict "app" $controller.name "selects" $rest) $controller) -}}
{{- range $shard := $shards -}}
{{- $app := printf "%s-%s" $controller.name $shard -}}
{{- $fullname := printf "%s-%s" $controller.fullname $shard -}}
{{- $selects := printf "%s=%s" $key $shard -}}
{{- $deployments = append $deployments (merge (dict "app" $app "fullname" $fullname "selects" $selects) $controller) -}}
{{- end -}}
{{- end -}}
{{- toYaml $deployments -}}
{{- end }}

{{/* What a Deployment's pods are known by. Called with the release and one of "leat.deployments". */}}
{{- define "leat.selector" -}}
app: {{ .deployment.app }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "leat.podLabels" -}}
{{- $own := include "leat.controllerLabels" (dict "root" .root "controller" .deployment) | fromYaml -}}
{{- $chosen := merge dict .deployment.values.podLabels .root.Values.podLabels -}}
{{- toYaml (merge (set $own "app" .deployment.app) $chosen) -}}
{{- end }}

{{- define "leat.image" -}}
{{- $image := .deployment.values.image -}}
{{- $name := list .root.Values.image.registry (default .deployment.name $image.repository) | compact | join "/" -}}
{{- $tagged := printf "%s:%s" $name (default .root.Chart.AppVersion $image.tag) -}}
{{- ternary (printf "%s@%s" $tagged $image.digest) $tagged (not (empty $image.digest)) -}}
{{- end }}

{{/* The flags of a Deployment, as a YAML list. Of a flag that is given twice the last counts: extra ones win. */}}
{{- define "leat.flags" -}}
{{- $values := .root.Values -}}
{{- $context := merge (dict "fullname" .deployment.fullname) .root -}}
- --enable-leader-election
- --log-encoding=json
- --log-level={{ default $values.logLevel .deployment.values.logLevel }}
- --watch-all-namespaces={{ $values.watchAllNamespaces }}
{{- with .deployment.selects }}
- --watch-label-selector={{ . }}
{{- end }}
{{- with $values.eventsAddr }}
- --events-addr={{ . }}
{{- end }}
{{- range .deployment.flags }}
- {{ tpl . $context | quote }}
{{- end }}
{{- if $values.multitenancy.enabled }}
{{- range .deployment.lockdownFlags }}
- {{ tpl . $context | quote }}
{{- end }}
{{- end }}
{{- range .deployment.values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{- define "leat.emptyDir" -}}
{{- ternary dict (dict "sizeLimit" .) (empty .) | toJson -}}
{{- end }}

{{/* The roles that a controller needs, as a YAML list. Called with the release and one of "leat.controllers". */}}
{{- define "leat.roles" -}}
{{- $roles := list -}}
{{- range splitList "\n---\n" (.root.Files.Get (printf "files/rbac/%s.yaml" .controller.name)) -}}
{{- $roles = append $roles (fromYaml .) -}}
{{- end -}}
{{- toYaml $roles -}}
{{- end }}
