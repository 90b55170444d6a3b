# What a load accepts, its warnings, and verdicts. Form: tests/unit/load_test.c.

=== nothing at all blocks everything
>>> no rules loaded; everything is blocked
??? dns.query=example.org => block -

=== a version alone
--- f.yaml
version: "1"
>>> no rules loaded; everything is blocked

=== empty sections
--- f.yaml
version: 1
definitions:
rules:
>>> no rules loaded; everything is blocked

=== first match wins, the rest is blocked
--- f.yaml
version: 1
rules:
- {id: no-evil, condition: 'dns.query.endsWith(".evil.org")', action: block}
- {id: orgs, condition: 'dns.query.endsWith(".org")', action: allow}
??? dns.query=a.evil.org => block no-evil
??? dns.query=a.good.org => allow orgs
??? dns.query=a.good.com => block -

=== files in order, priorities across them, ties by position
--- 00.yaml
version: 1
rules:
- {id: a, condition: 'dns.query == "x"', action: allow}
- {id: b, condition: 'dns.query == "y"', action: block}
--- 50.yaml
version: 1
rules:
- {id: c, condition: 'dns.query == "x"', action: block}
- {id: d, condition: 'dns.query == "y"', action: allow, priority: -1}
- {id: e, condition: 'dns.query == "y"', action: block, priority: -1}
??? dns.query=x => allow a
??? dns.query=y => allow d

=== priorities in every notation
--- f.yaml
version: 1
rules:
- {id: default, condition: 'true', action: block, priority: ~}
- {id: hex, condition: 'dns.query == "h"', action: allow, priority: 0x10}
- {id: oct, condition: 'dns.query == "h"', action: block, priority: 0o21}
- {id: min, condition: 'dns.query == "m"', action: allow, priority: -2147483648}
??? dns.query=h => allow hex
??? dns.query=m => allow min
??? dns.query=x => block default

=== definitions
--- f.yaml
version: 1
definitions:
  github: http.host == "github.com" || http.host.endsWith(".github.com")
  web: network.port == 443
  both: $github && $web
rules:
- {id: gh, condition: '$both && agent.name == "ci"', action: allow}
??? http.host=api.github.com network.port=443 agent.name=ci => allow gh
??? http.host=evilgithub.com network.port=443 agent.name=ci => block -
??? http.host=github.com network.port=80 agent.name=ci => block -

=== unused definitions, in file order
--- f.yaml
version: 1
definitions: {z: "true", b: "$z", used: "true", a: "1"}
rules:
- {id: r, condition: "$used", action: allow}
>>> unused definition "z" in f.yaml
>>> unused definition "b" in f.yaml
>>> unused definition "a" in f.yaml

=== definitions without rules
--- f.yaml
version: 1
definitions: {a: "true"}
>>> unused definition "a" in f.yaml
>>> definitions section present but no rules in f.yaml
>>> no rules loaded; everything is blocked

=== a dollar name in a literal
--- f.yaml
version: 1
definitions: {a: "true"}
rules:
- {id: r, condition: '$a && dns.query == "x$a"', action: allow}
>>> definition reference "$a" inside a string literal is not expanded in rule "r" (f.yaml)
??? dns.query=x$a => allow r

=== an absent header is no match for a block rule (D4)
--- f.yaml
version: 1
rules:
- {id: b, condition: 'int(http.headers["x"]) > 3', action: block}
- {id: a, condition: 'true', action: allow}
>>> rule "b" (f.yaml): block rule cannot match when http.headers["x"] is absent in an http request
>>> rule "b" (f.yaml): block rule cannot match when http.headers["x"] is absent in an agent request
??? http.host=h => allow a
??? http.host=h header.x=4 => block b
??? http.host=h header.x=2 => allow a
??? http.host=h header.x=abc => block b
??? dns.query=h => allow a

=== the same as allow rule never matches on an error
--- f.yaml
version: 1
rules:
- {id: a, condition: 'int(http.headers["x"]) > 3', action: allow}
??? http.host=h header.x=4 => allow a
??? http.host=h header.x=abc => block -
??? http.host=h => block -

=== a field that the layer does not fill is absence (D4)
--- f.yaml
version: 1
rules:
- {id: b, condition: 'cidr("10.0.0.0/8").containsIP(ip(network.ip))', action: block}
- {id: a, condition: 'true', action: allow}
>>> rule "b" (f.yaml): block rule cannot match when network.ip is absent in an http request
>>> rule "b" (f.yaml): block rule cannot match when network.ip is absent in an agent request
??? dns.query=x => allow a
??? network.ip=10.1.2.3 => block b
??? network.ip=1.1.1.1 => allow a
??? http.host=x network.port=80 => allow a

=== guarded conditions give no warning
--- f.yaml
version: 1
rules:
- {id: b1, condition: '"x" in http.headers && int(http.headers["x"]) > 3', action: block}
- {id: b2, condition: 'network.ip != "" && cidr("10.0.0.0/8").containsIP(network.ip)', action: block}
- {id: b3, condition: 'http.headers[?"y"].orValue("") == "z"', action: block}
- {id: a, condition: 'true', action: allow}
??? http.host=h => allow a
??? http.host=h header.y=z => block b3
??? network.ip=10.0.0.1 => block b2

=== absent namespaces hold zero values (S003-EC-002)
--- f.yaml
version: 1
rules:
- {id: z, condition: 'has(http.method) && http.method == "" && size(http.headers) == 0 && network.port == 0', action: allow}
??? dns.query=x => allow z
??? http.method=GET => block -

=== scalars are texts
--- f.yaml
version: 1
rules:
- id: 42
  condition: true
  action: allow
  description: null
  egress: ~
  enrich: null
  log: TRUE
??? dns.query=x => allow 42

=== interception with a CA
+++ ca
--- f.yaml
version: 1
rules:
- {id: i, condition: 'http.host == "h" && (http.body == null || http.body == "x")', action: allow, egress: {mode: intercept, match_body: true}}
??? http.host=h => allow i

=== match_body without a body cap
+++ ca body_cap_zero
--- f.yaml
version: 1
rules:
- {id: i, condition: 'true', action: allow, egress: {mode: intercept, match_body: true}}
>>> rule "i" (f.yaml) sets egress.match_body but the body cap is 0

=== no proxy, but rules that need none
+++ no_proxy
--- f.yaml
version: 1
rules:
- {id: d, condition: 'dns.query == "x"', action: allow, egress: {mode: direct_ip, ports: [22, 22, 443]}}
- {id: n, condition: 'dns.query == "y"', action: allow}
??? dns.query=x => allow d

=== presets in the wild (S003 7.10)
--- f.yaml
version: 1
rules:
- id: p
  condition: agent.name == "x" && (dns.query == "h" || http.host == "h")
  action: allow
  egress: {mode: proxy}
??? agent.name=x dns.query=h => allow p
??? agent.name=x http.host=h => allow p
??? agent.name=y http.host=h => block -

=== a submission
+++ submission
--- f.yaml
version: 1
rules:
- {id: r, condition: 'run.context.action_type == "x"', action: allow}
