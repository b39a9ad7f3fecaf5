# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
log_in() {
  called=$func func=auth
  send func=auth "username=$PANEL_USER" "password=$PANEL_PASSWORD" out=xml
  remember
}
