# What a load refuses, with the message it gives: S003 section 5. Form: tests/rules_table.h.
# Which row of the section has which case: matrix.txt.

=== empty file
--- f.yaml
>>> YAML parse error in f.yaml: missing field "version"

=== only comments
--- f.yaml
# nothing
>>> YAML parse error in f.yaml: missing field "version"

=== rules without version
--- f.yaml
rules: []
>>> YAML parse error in f.yaml: missing field "version" at line 1 column 1

=== the top is a sequence
--- f.yaml
- version
>>> YAML parse error in f.yaml: expected a mapping, not a sequence at line 1 column 1

=== the top is a word
--- f.yaml
version
>>> YAML parse error in f.yaml: expected a mapping, not text at line 1 column 1

=== YAML syntax
--- f.yaml
version: "1
>>> YAML parse error in f.yaml: found unexpected end of stream at line 2 column 1

=== version 2
--- f.yaml
version: "2"
>>> f.yaml:1: unsupported version "2" in f.yaml (only "1" is supported)

=== version 1.0 is another text
--- f.yaml
version: 1.0
>>> f.yaml:1: unsupported version "1.0" in f.yaml (only "1" is supported)

=== version null
--- f.yaml
version:
>>> YAML parse error in f.yaml: "version" must be text, not nothing at line 1 column 9

=== version is a list
--- f.yaml
version: [1]
>>> YAML parse error in f.yaml: "version" must be text, not a sequence at line 1 column 10

=== unknown top key
--- f.yaml
version: 1
rule: []
>>> YAML parse error in f.yaml: unknown field "rule" at line 2 column 1

=== unknown rule key
--- f.yaml
version: 1
rules:
- id: a
  logging: true
  condition: "true"
  action: allow
>>> YAML parse error in f.yaml: unknown field "logging" at line 4 column 3

=== unknown egress key
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, egress: {mode: proxy, port: 80}}
>>> YAML parse error in f.yaml: unknown field "port" at line 3 column 67

=== merge keys are unknown fields
--- f.yaml
version: 1
<<: {}
>>> YAML parse error in f.yaml: unknown field "<<" at line 2 column 1

=== duplicate key
--- f.yaml
version: 1
version: 1
>>> YAML parse error in f.yaml: duplicate key "version" at line 2 column 1

=== duplicate definition
--- f.yaml
version: 1
definitions:
  a: "true"
  a: "false"
>>> YAML parse error in f.yaml: duplicate key "a" at line 4 column 3

=== anchors
--- f.yaml
version: 1
definitions: &d
  a: "true"
>>> YAML anchors and aliases are not supported in f.yaml at line 2

=== aliases
--- f.yaml
version: 1
rules: *d
>>> YAML anchors and aliases are not supported in f.yaml at line 2

=== tags
--- f.yaml
version: !x 1
>>> YAML parse error in f.yaml: unsupported tag at line 1 column 10

=== several documents
--- f.yaml
version: 1
---
version: 1
>>> YAML parse error in f.yaml: more than one document at line 2 column 1

=== missing id
--- f.yaml
version: 1
rules:
- condition: "true"
  action: allow
>>> YAML parse error in f.yaml: missing field "id" at line 3 column 3

=== missing condition
--- f.yaml
version: 1
rules:
- {id: a, action: allow}
>>> YAML parse error in f.yaml: missing field "condition" at line 3 column 3

=== missing action
--- f.yaml
version: 1
rules:
- {id: a, condition: "true"}
>>> YAML parse error in f.yaml: missing field "action" at line 3 column 3

=== missing mode
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, egress: {}}
>>> YAML parse error in f.yaml: missing field "mode" at line 3 column 53

=== null id
--- f.yaml
version: 1
rules:
- {id: ~, condition: "true", action: allow}
>>> YAML parse error in f.yaml: "id" must be text, not nothing at line 3 column 8

=== null condition
--- f.yaml
version: 1
rules:
- {id: a, condition: null, action: allow}
>>> YAML parse error in f.yaml: "condition" must be text, not nothing at line 3 column 22

=== rules null
--- f.yaml
version: 1
rules: ~
>>> YAML parse error in f.yaml: "rules" must be a sequence, not nothing at line 2 column 8

=== rules are a mapping
--- f.yaml
version: 1
rules: {id: a}
>>> YAML parse error in f.yaml: "rules" must be a sequence, not a mapping at line 2 column 8

=== a rule is text
--- f.yaml
version: 1
rules: [a]
>>> YAML parse error in f.yaml: expected a mapping, not text at line 2 column 9

=== definitions are a list
--- f.yaml
version: 1
definitions: [a]
>>> YAML parse error in f.yaml: "definitions" must be a mapping, not a sequence at line 2 column 14

=== a definition is a list
--- f.yaml
version: 1
definitions: {a: [x]}
>>> YAML parse error in f.yaml: "a" must be text, not a sequence at line 2 column 18

=== a definition is null
--- f.yaml
version: 1
definitions: {a: }
>>> YAML parse error in f.yaml: "a" must be text, not nothing at line 2 column 18

=== log is a word
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, log: yes}
>>> YAML parse error in f.yaml: "log" must be true or false at line 3 column 50

=== log is quoted
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, log: "true"}
>>> YAML parse error in f.yaml: "log" must be true or false at line 3 column 50

=== log null
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, log: null}
>>> YAML parse error in f.yaml: "log" must be true or false at line 3 column 50

=== priority with leading zero
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, priority: 010}
>>> YAML parse error in f.yaml: "priority" must be an integer from -2147483648 to 2147483647 at line 3 column 55

=== priority beyond int32
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, priority: 2147483648}
>>> YAML parse error in f.yaml: "priority" must be an integer from -2147483648 to 2147483647 at line 3 column 55

=== priority quoted
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, priority: "1"}
>>> YAML parse error in f.yaml: "priority" must be an integer

=== priority is a float
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, priority: 1.0}
>>> YAML parse error in f.yaml: "priority" must be an integer

=== bad action
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: deny}
>>> f.yaml:3: rule "a" (f.yaml): action must be allow or block

=== actions are case-sensitive
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: Allow}
>>> f.yaml:3: rule "a" (f.yaml): action must be allow or block

=== action enrich
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: enrich}
>>> f.yaml:3: rule "a" (f.yaml) uses unsupported action: enrich; host-side execution must be declared through the host resource broker

=== action enrich with settings
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: enrich, enrich: {script: /bin/sh}}
>>> f.yaml:3: rule "a" (f.yaml) uses unsupported action: enrich; host-side execution must be declared through the host resource broker

=== enrich settings on another action
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, enrich: {script: x}}
>>> f.yaml:3: rule "a" (f.yaml) declares enrich settings without action: enrich

=== id empty
--- f.yaml
version: 1
rules:
- {id: "", condition: "true", action: allow}
>>> f.yaml:3: rule ID "" in f.yaml must contain 1-128 ASCII letters, numbers, dots, underscores, or hyphens and start with a letter or number

=== id starts with a dot
--- f.yaml
version: 1
rules:
- {id: .a, condition: "true", action: allow}
>>> f.yaml:3: rule ID ".a" in f.yaml must contain 1-128 ASCII letters

=== id with a space
--- f.yaml
version: 1
rules:
- {id: a b, condition: "true", action: allow}
>>> f.yaml:3: rule ID "a b" in f.yaml must contain 1-128 ASCII letters

=== id with a line end, which does not reach the message
--- f.yaml
version: 1
rules:
- {id: "a\nb", condition: "true", action: allow}
>>> f.yaml:3: rule ID "a\x0ab" in f.yaml must contain 1-128 ASCII letters

=== id of 129 bytes
--- f.yaml
version: 1
rules:
- id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  condition: "true"
  action: allow
>>> f.yaml:3: rule ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" in f.yaml must

=== id twice in a file
--- f.yaml
version: 1
rules:
- {id: x, condition: "true", action: allow}
- {id: x, condition: "true", action: allow}
>>> f.yaml:4: duplicate rule ID "x" in f.yaml (first seen in f.yaml)

=== id twice over files
--- a.yaml
version: 1
rules:
- {id: x, condition: "true", action: allow}
--- b.yaml
version: 1
rules:

- {id: x, condition: "true", action: block}
>>> b.yaml:4: duplicate rule ID "x" in b.yaml (first seen in a.yaml)

=== id twice in a submission
+++ submission
--- f.yaml
version: 1
rules:
- {id: x, condition: "true", action: allow}
- {id: x, condition: "true", action: allow}
>>> duplicate rule ID "x"

=== undefined name
--- f.yaml
version: 1
rules:
- {id: r, condition: "$x", action: allow}
>>> f.yaml:3: expanding definitions in rule "r" (f.yaml): undefined $name reference "$x" in f.yaml

=== definitions do not reach other files
--- a.yaml
version: 1
definitions: {x: "true"}
rules:
- {id: q, condition: "$x", action: allow}
--- b.yaml
version: 1
rules:
- {id: r, condition: "$x", action: allow}
>>> b.yaml:3: expanding definitions in rule "r" (b.yaml): undefined $name reference "$x" in b.yaml

=== undefined name in an unused definition
--- f.yaml
version: 1
definitions:
  a: $nope
>>> f.yaml:3: undefined $name reference "$nope" in f.yaml

=== cycle
--- f.yaml
version: 1
definitions: {a: $b, b: $a}
rules:
- {id: r, condition: "$a", action: allow}
>>> f.yaml:4: expanding definitions in rule "r" (f.yaml): circular definition reference "$a" in f.yaml: $a -> $b -> $a

=== cycle that no rule uses
--- f.yaml
version: 1
definitions:
  a: $b
  b: $a
rules:
- {id: r, condition: "true", action: allow}
>>> f.yaml:3: circular definition reference "$a" in f.yaml: $a -> $b -> $a

=== expansion too large
--- f.yaml
version: 1
definitions: {a: $b $b $b $b, b: $c $c $c $c, c: $d $d $d $d, d: $e $e $e $e, e: $f $f $f $f, f: $g $g $g $g, g: $h $h $h $h, h: $i $i $i $i, i: $j $j $j $j, j: $k $k $k $k, k: "1"}
rules:
- {id: r, condition: "$a", action: allow}
>>> f.yaml:4: expanding definitions in rule "r" (f.yaml): expanded condition exceeds 1048576 bytes in f.yaml

=== egress on a block rule
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: block, egress: {mode: proxy}}
>>> f.yaml:3: rule "r" (f.yaml) declares egress settings but is not an allow rule

=== unknown mode
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: direct}}
>>> YAML parse error in f.yaml: "mode" must be proxy, direct_ip or intercept at line 3 column 60

=== intercept without CA
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: intercept}}
>>> f.yaml:3: rule "r" (f.yaml) uses egress.mode: intercept but no CA is loaded; start outcalld with --ca-cert and --ca-key

=== match_body without intercept
+++ ca
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: proxy, match_body: true}}
>>> f.yaml:3: rule "r" (f.yaml) sets egress.match_body without egress.mode: intercept

=== http.body without match_body
+++ ca
--- f.yaml
version: 1
rules:
- {id: r, condition: 'http.body == "x"', action: allow, egress: {mode: intercept}}
>>> f.yaml:3: rule "r" (f.yaml) uses http.body but does not set egress.match_body: true

=== http.body in a block rule
--- f.yaml
version: 1
rules:
- {id: r, condition: 'http.body == "x"', action: block}
>>> f.yaml:3: rule "r" (f.yaml) uses http.body but does not set egress.match_body: true

=== port 0
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: direct_ip, ports: [0]}}
>>> YAML parse error in f.yaml: port must be 1-65535 at line 3 column 79

=== port 65536
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: direct_ip, ports: [80, 65536]}}
>>> YAML parse error in f.yaml: port must be 1-65535 at line 3 column 83

=== port is a word
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: direct_ip, ports: [http]}}
>>> YAML parse error in f.yaml: port must be an integer at line 3 column 79

=== ports are a number
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: direct_ip, ports: 80}}
>>> YAML parse error in f.yaml: "ports" must be a sequence of port numbers at line 3 column 78

=== too many ports
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: direct_ip, ports: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}}
>>> YAML parse error in f.yaml: more than 16 ports at line 3 column 118

=== no proxy
+++ no_proxy
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: proxy}}
>>> f.yaml:3: --no-proxy cannot be used while active rules require egress.mode: proxy; remove those rules or run the proxy

=== no proxy for interception
+++ no_proxy ca
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: intercept}}
>>> f.yaml:3: --no-proxy cannot be used while active rules require egress.mode: intercept; remove those rules or run the proxy

=== CEL syntax
--- f.yaml
version: 1
rules:
- id: r
  condition: network.hostname ==
  action: allow
>>> f.yaml:4: CEL parse error in rule "r" (f.yaml): 1:

=== CEL syntax in a submission
+++ submission
--- f.yaml
version: 1
rules:
- {id: r, condition: "1 +", action: allow}
>>> CEL compile error in rule "r": 1:

=== empty condition
--- f.yaml
version: 1
rules:
- {id: r, condition: "", action: allow}
>>> f.yaml:3: CEL parse error in rule "r" (f.yaml): 1:1:

=== literal out of range
--- f.yaml
version: 1
rules:
- {id: r, condition: "network.port == 99999999999999999999", action: allow}
>>> f.yaml:3: CEL parse error in rule "r" (f.yaml): 1:17:

=== bad escape
--- f.yaml
version: 1
rules:
- {id: r, condition: 'dns.query == "\q"', action: allow}
>>> f.yaml:3: CEL parse error in rule "r" (f.yaml): 1:

=== unknown field
--- f.yaml
version: 1
rules:
- {id: r, condition: 'network.dst == "x"', action: allow}
>>> f.yaml:3: CEL check error in rule "r" (f.yaml): 1:9: unknown field "network.dst"

=== unknown name
--- f.yaml
version: 1
rules:
- {id: r, condition: 'action_type == "x"', action: allow}
>>> f.yaml:3: CEL check error in rule "r" (f.yaml): 1:1: undeclared reference to "action_type"

=== unknown function
--- f.yaml
version: 1
rules:
- {id: r, condition: 'nofn(dns.query)', action: allow}
>>> f.yaml:3: CEL check error in rule "r" (f.yaml): 1:

=== not a bool
--- f.yaml
version: 1
rules:
- {id: r, condition: 'dns.query', action: allow}
>>> f.yaml:3: CEL check error in rule "r" (f.yaml): 1:

=== wrong operand types
--- f.yaml
version: 1
rules:
- {id: r, condition: 'dns.query + 1 == "x"', action: allow}
>>> f.yaml:3: CEL check error in rule "r" (f.yaml): 1:

=== comparison that can never hold
--- f.yaml
version: 1
rules:
- {id: r, condition: 'http.host == "Example.org"', action: allow}
>>> f.yaml:3: CEL check error in rule "r" (f.yaml): 1:

=== submission: YAML syntax
+++ submission
--- f.yaml
version: 1
rules: [
>>> YAML parse error at line 3: 

=== submission: unknown field
+++ submission
--- f.yaml
version: 1
x: 1
>>> YAML parse error at line 2: unknown field "x"

=== submission: version
+++ submission
--- f.yaml
version: 2
>>> unsupported version "2" in <input> (only "1" is supported)

=== submission: enrich
+++ submission
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: enrich}
>>> rule "r" (<input>) uses unsupported action: enrich

=== a good file does not save a bad one
--- a.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow}
--- b.yaml
version: 3
>>> b.yaml:1: unsupported version "3" in b.yaml (only "1" is supported)

=== message in full: unfinished condition
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.hostname ==
>>> f.yaml:5: CEL parse error in rule "r" (f.yaml): 1:20: unexpected end of the expression, expected an expression
>>> network.hostname ==
>>>                    ^

=== message in full: unfinished condition of a submission
+++ submission
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    1 +
>>> CEL compile error in rule "r": 1:4: unexpected end of the expression, expected an expression
>>> 1 +
>>>    ^

=== message in full: unknown field
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.dst == "x"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:9: unknown field "network.dst"; did you mean "network.ip"?
>>> network.dst == "x"
>>>         ^

=== message in full: unknown field in the second line
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    http.host == "a" &&
      http.pth == "/"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 2:8: unknown field "http.pth"; did you mean "http.path"?
>>>   http.pth == "/"
>>>        ^

=== message in full: unknown name
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    ip.dst == "10.0.0.1"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:1: undeclared reference to "ip"
>>> ip.dst == "10.0.0.1"
>>> ^

=== message in full: misspelt namespace
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    htp.host == "a"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:1: undeclared reference to "htp"; did you mean "http"?
>>> htp.host == "a"
>>> ^

=== message in full: unknown function
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    getX(dns.query)
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:1: undeclared function "getX"
>>> getX(dns.query)
>>> ^

=== message in full: misspelt function
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    dns.query.startWith("x")
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:11: undeclared function "startWith"; did you mean "startsWith"?
>>> dns.query.startWith("x")
>>>           ^

=== message in full: not a bool
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    dns.query
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:5: condition must be bool, is string
>>> dns.query
>>>     ^

=== message in full: number as condition
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.port
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:9: condition must be bool, is int
>>> network.port
>>>         ^

=== message in full: wrong operand types
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    dns.query + 1 == "x"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:11: no matching overload for +(string, int)
>>> dns.query + 1 == "x"
>>>           ^

=== message in full: types that are never equal
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.port == "443"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:14: no matching overload for ==(int, string)
>>> network.port == "443"
>>>              ^

=== message in full: in a text
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    "a" in http.host
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:5: no matching overload for in(string, string)
>>> "a" in http.host
>>>     ^

=== message in full: upper case host
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    http.host == "Example.org"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:14: comparison can never hold: http.host is lower case without a trailing dot
>>> http.host == "Example.org"
>>>              ^

=== message in full: host that is never unequal
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    http.host != "Example.org"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:14: comparison can never hold: http.host is lower case without a trailing dot
>>> http.host != "Example.org"
>>>              ^

=== message in full: query with a trailing dot
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    "example.org." == dns.query
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:1: comparison can never hold: dns.query is lower case without a trailing dot
>>> "example.org." == dns.query
>>> ^

=== message in full: upper case hostname
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.hostname.endsWith(".ORG")
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:27: comparison can never hold: network.hostname is lower case without a trailing dot
>>> network.hostname.endsWith(".ORG")
>>>                           ^

=== message in full: lower case method
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    http.method == "get"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:16: comparison can never hold: http.method is upper case
>>> http.method == "get"
>>>                ^

=== message in full: lower case record type
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    dns.record_type in ["A", "aaaa"]
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:20: comparison can never hold: dns.record_type is upper case
>>> dns.record_type in ["A", "aaaa"]
>>>                    ^

=== message in full: port beyond
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.port == 65536
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:17: comparison can never hold: network.port is 0 to 65535
>>> network.port == 65536
>>>                 ^

=== message in full: port below
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.port in [80, -1]
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:17: comparison can never hold: network.port is 0 to 65535
>>> network.port in [80, -1]
>>>                 ^

=== message in full: protocol
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.protocol == "icmp"
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:21: comparison can never hold: network.protocol is "tcp" or "udp"
>>> network.protocol == "icmp"
>>>                     ^

=== message in full: integer literal
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.port == 99999999999999999999
>>> f.yaml:5: CEL parse error in rule "r" (f.yaml): 1:17: integer literal is malformed or out of range
>>> network.port == 99999999999999999999
>>>                 ^

=== message in full: uint literal
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    18446744073709551616u == 0u
>>> f.yaml:5: CEL parse error in rule "r" (f.yaml): 1:1: integer literal is malformed or out of range
>>> 18446744073709551616u == 0u
>>> ^

=== message in full: escape
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    dns.query == "\q"
>>> f.yaml:5: CEL parse error in rule "r" (f.yaml): 1:15: invalid escape sequence
>>> dns.query == "\q"
>>>               ^

=== message in full: surrogate
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    dns.query == "\ud800"
>>> f.yaml:5: CEL parse error in rule "r" (f.yaml): 1:15: invalid escape sequence
>>> dns.query == "\ud800"
>>>               ^

=== message in full: regular expression
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    http.host.matches("[")
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:19: invalid regular expression: missing closing ]
>>> http.host.matches("[")
>>>                   ^

=== message in full: message construction
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    M{a: 1} == 1
>>> f.yaml:5: CEL parse error in rule "r" (f.yaml): 1:2: message construction is not supported
>>> M{a: 1} == 1
>>>  ^

=== message in full: reserved word
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    as == 1
>>> f.yaml:5: CEL parse error in rule "r" (f.yaml): 1:1: 'as' is a reserved word
>>> as == 1
>>> ^

=== message in full: column behind a letter of two bytes
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    dns.query == "é" && x
>>> f.yaml:5: CEL check error in rule "r" (f.yaml): 1:21: undeclared reference to "x"
>>> dns.query == "é" && x
>>>                     ^

=== message in full: type error of a submission
+++ submission
--- f.yaml
version: 1
rules:
- id: r
  action: allow
  condition: |-
    network.port == "443"
>>> CEL compile error in rule "r": 1:14: no matching overload for ==(int, string)
>>> network.port == "443"
>>>              ^

=== priority below int32
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, priority: -2147483649}
>>> YAML parse error in f.yaml: "priority" must be an integer from -2147483648 to 2147483647 at line 3 column 55

=== priority beyond int32 in hexadecimal
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, priority: 0x80000000}
>>> YAML parse error in f.yaml: "priority" must be an integer from -2147483648 to 2147483647 at line 3 column 55

=== priority beyond 64 bits
--- f.yaml
version: 1
rules:
- {id: a, condition: "true", action: allow, priority: 99999999999999999999}
>>> YAML parse error in f.yaml: "priority" must be an integer from -2147483648 to 2147483647 at line 3 column 55

=== port negative
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: direct_ip, ports: [-1]}}
>>> YAML parse error in f.yaml: port must be 1-65535 at line 3 column 79

=== port quoted
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: direct_ip, ports: ["80"]}}
>>> YAML parse error in f.yaml: port must be an integer at line 3 column 79

=== nesting too deep
--- f.yaml
version: 1
rules: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
>>> YAML parse error in f.yaml: recursion limit exceeded at line 2 column 

=== definitions too deep
--- f.yaml
version: 1
definitions:
  d0: $d1
  d1: $d2
  d2: $d3
  d3: $d4
  d4: $d5
  d5: $d6
  d6: $d7
  d7: $d8
  d8: $d9
  d9: $d10
  d10: $d11
  d11: $d12
  d12: $d13
  d13: $d14
  d14: $d15
  d15: $d16
  d16: $d17
  d17: $d18
  d18: $d19
  d19: $d20
  d20: $d21
  d21: $d22
  d22: $d23
  d23: $d24
  d24: $d25
  d25: $d26
  d26: $d27
  d27: $d28
  d28: $d29
  d29: $d30
  d30: $d31
  d31: $d32
  d32: $d33
  d33: $d34
  d34: $d35
  d35: $d36
  d36: $d37
  d37: $d38
  d38: $d39
  d39: $d40
  d40: $d41
  d41: $d42
  d42: $d43
  d43: $d44
  d44: $d45
  d45: $d46
  d46: $d47
  d47: $d48
  d48: $d49
  d49: $d50
  d50: $d51
  d51: $d52
  d52: $d53
  d53: $d54
  d54: $d55
  d55: $d56
  d56: $d57
  d57: $d58
  d58: $d59
  d59: $d60
  d60: $d61
  d61: $d62
  d62: $d63
  d63: $d64
  d64: $d65
  d65: $d66
  d66: "true"
rules:
- {id: r, condition: $d0, action: allow}
>>> f.yaml:71: expanding definitions in rule "r" (f.yaml): definition expansion exceeds depth 64 in f.yaml

=== submission: bad id
+++ submission
--- f.yaml
version: 1
rules:
- {id: .r, condition: "true", action: allow}
>>> rule ID ".r" in <input> must contain 1-128 ASCII letters, numbers, dots, underscores, or hyphens and start with a letter or number

=== submission: undefined name
+++ submission
--- f.yaml
version: 1
rules:
- {id: r, condition: $x, action: allow}
>>> expanding definitions in rule "r" (<input>): undefined $name reference "$x" in <input>

=== submission: cycle
+++ submission
--- f.yaml
version: 1
definitions: {a: $b, b: $a}
>>> circular definition reference "$a" in <input>: $a -> $b -> $a

=== submission: egress on a block rule
+++ submission
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: block, egress: {mode: proxy}}
>>> rule "r" (<input>) declares egress settings but is not an allow rule

=== submission: intercept without CA
+++ submission
--- f.yaml
version: 1
rules:
- {id: r, condition: "true", action: allow, egress: {mode: intercept}}
>>> rule "r" (<input>) uses egress.mode: intercept but no CA is loaded; start outcalld with --ca-cert and --ca-key
