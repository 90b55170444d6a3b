# What lint reports about sets that load. Form: tests/rules_table.h.

# --- shadowed ----------------------------------------------------------------------------------

=== shadowed: the same condition
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query == "a.org" || http.host == "a.org"', action: allow}
- {id: b, condition: 'dns.query == "a.org" || http.host == "a.org"', action: block}
>>> f.yaml:4: shadowed: rule "b": never decides, because rule "a" (f.yaml:3), which allows, is judged before it and matches whatever this rule matches; delete this rule, or give it a priority below 100

=== shadowed: more conditions than the earlier rule
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query == "a.org" || http.host == "a.org"', action: allow}
- {id: b, condition: 'http.host == "a.org" && http.method == "PUT"', action: block}
>>> f.yaml:4: shadowed: rule "b": never decides, because rule "a"

=== shadowed: one of the listed hosts
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host in ["a.org", "b.org"] || dns.query in ["a.org", "b.org"]', action: allow}
- {id: b, condition: 'agent.name == "ci" && (dns.query == "b.org" || http.host == "b.org")', action: allow}
>>> f.yaml:4: shadowed: rule "b"

=== shadowed: a host below a domain
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host.endsWith(".a.org") || dns.query.endsWith(".a.org")', action: allow}
- {id: b, condition: 'http.host == "x.a.org"', action: block}
- {id: c, condition: 'http.host.endsWith(".x.a.org")', action: block}
>>> f.yaml:4: shadowed: rule "b"
>>> f.yaml:5: shadowed: rule "c"

=== shadowed: a regular expression that holds for the host
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host.matches("^(.+\\.)?a\\.org$")', action: block}
- {id: b, condition: 'http.host == "x.a.org"', action: block}
>>> f.yaml:4: shadowed: rule "b"

=== shadowed: by priority, across files
--- a.yaml
version: 1
rules:
- {id: a, condition: 'http.host == "a.org" && http.method == "PUT"', action: block}
--- b.yaml
version: 1
rules:
- {id: b, condition: 'http.host == "a.org"', action: block, priority: 1}
>>> a.yaml:3: shadowed: rule "a": never decides, because rule "b" (b.yaml:3), which blocks, is judged before it and matches whatever this rule matches; delete this rule, or give it a priority below 1

=== shadowed: everything behind a rule for everything
--- f.yaml
version: 1
rules:
- {id: all, condition: 'true', action: block}
- {id: b, condition: 'dns.query == "b.org" || http.host == "b.org"', action: allow}
- {id: c, condition: 'int(http.headers["x"]) > 3', action: allow}
>>> f.yaml:4: shadowed: rule "b"
>>> f.yaml:5: shadowed: rule "c"
>>> f.yaml:5: no-host-test: rule "c"

=== shadowed: a block rule that can fail, behind one that cannot
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host == "a.org"', action: block}
- {id: b, condition: 'http.host == "a.org" && int(http.headers[?"x"].orValue("0")) > 3', action: block}
>>> f.yaml:4: shadowed: rule "b"
>>> f.yaml:4: fails-when-malformed: rule "b"

=== shadowed: exists() over literals, negations, bounds
--- f.yaml
version: 1
rules:
- {id: a, condition: '[".a.org", ".b.org"].exists(d, http.host.endsWith(d))', action: block}
- {id: b, condition: 'http.host == "x.b.org"', action: block}
- {id: c, condition: 'agent.name != "x"', action: block}
- {id: d, condition: '!(agent.name in ["x", "y"])', action: block}
- {id: e, condition: 'network.port >= 8000', action: block}
- {id: g, condition: 'network.port > 9000 && http.method == "GET"', action: block}
- {id: h, condition: 'network.port in [8080, 8443]', action: block}
>>> f.yaml:4: shadowed: rule "b": never decides, because rule "a"
>>> f.yaml:6: shadowed: rule "d": never decides, because rule "c"
>>> f.yaml:8: shadowed: rule "g": never decides, because rule "e"
>>> f.yaml:9: shadowed: rule "h": never decides, because rule "e"

=== shadowed: container rules
--- f.yaml
version: 1
rules:
- {id: a, condition: 'docker.image.startsWith("x/")', action: block}
- {id: b, condition: 'docker.image == "x/y"', action: block}
>>> f.yaml:4: shadowed: rule "b"

=== not shadowed: the special case first
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host == "a.org" && http.method == "PUT"', action: block}
- {id: b, condition: 'dns.query == "a.org" || http.host == "a.org"', action: allow}
- {id: all, condition: 'true', action: block, priority: 1000}

=== not shadowed: another agent, another port, another layer
--- f.yaml
version: 1
rules:
- {id: a, condition: 'agent.name == "a" && http.host == "a.org"', action: block}
- {id: b, condition: 'agent.name == "b" && http.host == "a.org"', action: block}
- {id: c, condition: 'http.host == "a.org" && network.port == 80', action: block}
- {id: d, condition: 'http.host == "a.org" && network.port != 80', action: block}
- {id: e, condition: 'dns.query == "a.org"', action: block}

=== not shadowed: partly covered
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host == "a.org"', action: block}
- {id: b, condition: 'http.host in ["a.org", "b.org"]', action: block}
- {id: c, condition: 'http.host.endsWith(".a.org")', action: block}
- {id: d, condition: 'http.host.endsWith("a.org") && http.host != "a.org"', action: block}
>>> f.yaml:6: suffix-without-dot: rule "d"

=== not shadowed: an earlier allow rule takes no part when a container is made (D18)
--- f.yaml
version: 1
rules:
- {id: a, condition: 'agent.name == "x"', action: block}
- {id: b, condition: 'agent.name == "x" && docker.image == "y"', action: block}

=== not shadowed: both can fail, and an error of the later block rule decides (D4)
--- f.yaml
version: 1
rules:
- {id: a, condition: 'int(http.headers[?"x"].orValue("0")) > 3 && http.host == "a.org"', action: block}
- {id: b, condition: 'int(http.headers[?"x"].orValue("0")) > 3 && http.host == "a.org" && http.path == "/"', action: block}
>>> f.yaml:3: fails-when-malformed: rule "a"
>>> f.yaml:4: fails-when-malformed: rule "b"

=== not shadowed: 1 equals 1.0 where the type is not known
--- f.yaml
version: 1
rules:
- {id: a, condition: 'run.context["n"] == 1', action: allow}
- {id: b, condition: 'run.context["n"] == 1 && run.context["n"] == 2', action: allow}
>>> f.yaml:4: shadowed: rule "b"

# --- never-matches -----------------------------------------------------------------------------

=== never: two hosts at once
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host == "a.org" && http.host == "b.org"', action: block}
>>> f.yaml:3: never-matches: rule "a": http.host == "a.org" and http.host == "b.org" are never both true; join them with || if one of them is enough, or correct one

=== never: an empty list, a constant
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query in []', action: allow}
- {id: b, condition: 'false', action: block}
- {id: c, condition: 'http.host == "a.org" && 1 > 2', action: allow}
- {id: d, condition: '[].exists(x, http.host == x)', action: block}
>>> f.yaml:3: never-matches: rule "a": the condition is always false, as a constant or a search in an empty list is; correct it or delete the rule
>>> f.yaml:4: never-matches: rule "b": the condition is always false
>>> f.yaml:5: never-matches: rule "c": the condition is always false
>>> f.yaml:6: never-matches: rule "d": the condition is always false

=== never: a beginning that the value does not have
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.path == "/v1" && http.path.startsWith("/v2") && http.host == "a.org"', action: block}
- {id: b, condition: 'http.path.startsWith("/v1/") && http.path.startsWith("/v2/")', action: block}
- {id: c, condition: 'http.host.endsWith(".a.org") && http.host.endsWith(".b.org")', action: block}
- {id: d, condition: 'http.host in ["a.org", "b.org"] && !http.host.endsWith(".org")', action: block}
- {id: e, condition: 'http.host == "a.org" && !http.host.matches("^[a-z.]+$")', action: block}
>>> f.yaml:3: never-matches: rule "a": http.path == "/v1" and http.path.startsWith("/v2") are never both true
>>> f.yaml:4: never-matches: rule "b"
>>> f.yaml:5: never-matches: rule "c"
>>> f.yaml:6: never-matches: rule "d": http.host in ["a.org", "b.org"] and !(http.host.endsWith(".org")) are
>>> f.yaml:7: never-matches: rule "e"

=== never: in every branch
--- f.yaml
version: 1
rules:
- id: a
  condition: >-
    agent.name == "x" && ((http.host == "a.org" && agent.name == "y") || (network.port < 80 && network.port > 80))
  action: block
>>> f.yaml:3: never-matches: rule "a": agent.name == "x" and agent.name == "y" are never both true

=== never: two layers at once
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query == "a.org" && http.host == "a.org"', action: allow}
- {id: b, condition: 'docker.image == "x" && "-f" in run.flags', action: block}
- {id: c, condition: 'dns.query == "a.org" && network.port == 443', action: block}
- {id: d, condition: 'dns.query == "a.org" && http.headers["x"] == "y"', action: allow}
>>> f.yaml:3: never-matches: rule "a": http.* and dns.* are never known together, because each layer is judged by itself (first the look-up of a name, then the request); join the tests with ||
>>> f.yaml:4: never-matches: rule "b": docker.* and run.*
>>> f.yaml:5: never-matches: rule "c": network.* and dns.*
>>> f.yaml:6: never-matches: rule "d": http.* and dns.*

=== may match: one branch is enough
--- f.yaml
version: 1
rules:
- {id: a, condition: 'agent.name == "x" && (agent.name == "y" || http.host == "a.org")', action: block}

=== may match: the zero value belongs to the other layer
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query.endsWith(".a.org") && network.port in [0, 80]', action: block}
- {id: b, condition: 'dns.query == "b.org" && http.host != "b.org" && !("x" in http.headers)', action: block}
- {id: c, condition: 'run.tool == "network_call" && http.host == "c.org" && network.port == 443', action: block}

=== may match: inequalities, parts, bounds that touch
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host != "a.org" && http.host != "b.org" && http.host.startsWith("a")', action: block}
- {id: b, condition: 'http.path.startsWith("/v1") && http.path.startsWith("/v1/x") && http.path.endsWith("/")', action: block}
- {id: c, condition: 'network.port >= 80 && network.port <= 80', action: block}
- {id: e, condition: 'http.path.startsWith("/v3/x") && http.path.startsWith("/v3")', action: block}
- {id: f, condition: 'http.host.endsWith(".x.org") && http.host.endsWith(".y.x.org")', action: block}
- {id: g, condition: 'http.host.endsWith(".y.z.org") && http.host.endsWith(".z.org")', action: block}
- {id: d, condition: 'http.headers["a"] == "x" && http.headers["b"] == "y"', action: allow}
>>> f.yaml:9: no-host-test: rule "d"

=== may match: the variable of a loop has another value each time
--- f.yaml
version: 1
rules:
- {id: a, condition: '["a", "b"].all(v, v + agent.name == v + "b") && (dns.query == "a.org" || http.host == "a.org")', action: allow}

=== may match: 2.0 of a context is 2, and a failing block rule decides
--- f.yaml
version: 1
rules:
- {id: a, condition: 'run.context["n"] == 1 && run.context["n"] == 2', action: block}
- {id: b, condition: 'int(http.path) == 1 && int(http.path) == 2', action: block}
>>> f.yaml:3: fails-when-absent: rule "a"
>>> f.yaml:4: fails-when-malformed: rule "b"

=== never: the same in an allow rule, where an error is no match
--- f.yaml
version: 1
rules:
- {id: b, condition: 'http.host == "a.org" && int(http.path) == 1 && int(http.path) == 2', action: allow}
>>> f.yaml:3: never-matches: rule "b": int(http.path) == 1 and int(http.path) == 2 are

# --- unused-definition -------------------------------------------------------------------------

=== unused definitions, with their lines
--- a.yaml
version: 1
definitions:
  used: 'agent.name == "x"'
  left: 'agent.name == "y"'
  over: "$left"
rules:
- {id: r, condition: '$used && http.host == "a.org"', action: block}
--- b.yaml
version: 1
definitions: {lonely: "true"}
>>> a.yaml:4: unused-definition: definition "left": no rule uses it; delete it, or write $left where it is meant
>>> a.yaml:5: unused-definition: definition "over"
>>> b.yaml:2: unused-definition: definition "lonely"

=== a definition of another file does not count
--- a.yaml
version: 1
definitions:
  me: 'agent.name == "x"'
rules:
- {id: a, condition: '$me && http.host == "a.org"', action: block}
--- b.yaml
version: 1
definitions:
  me: 'agent.name == "x"'
>>> b.yaml:3: unused-definition: definition "me"

=== a name in a literal is not a use
--- f.yaml
version: 1
definitions:
  me: 'agent.name == "x"'
rules:
- {id: a, condition: 'http.path == "$me"', action: block}
>>> f.yaml:3: unused-definition: definition "me"

=== definitions that are used through other definitions
--- f.yaml
version: 1
definitions:
  hosts: http.host == "a.org"
  me: agent.name == "x"
  both: $hosts && $me
rules:
- {id: r, condition: $both, action: block}

=== definitions used twice, and in part of a condition
--- f.yaml
version: 1
definitions:
  me: agent.name == "x"
rules:
- {id: a, condition: '$me && http.host == "a.org"', action: block}
- {id: b, condition: '!($me) && http.host == "b.org"', action: block}

=== no definitions
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host == "a.org"', action: block}

# --- suffix-without-dot ------------------------------------------------------------------------

=== suffix: in each field
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host.endsWith("openai.com")', action: block}
- {id: b, condition: 'dns.query.endsWith("openai.org")', action: block}
- {id: c, condition: 'network.hostname.endsWith("openai.net")', action: block}
>>> f.yaml:3: suffix-without-dot: rule "a": http.host.endsWith("openai.com") also holds for evilopenai.com; write (http.host == "openai.com" || http.host.endsWith(".openai.com"))
>>> f.yaml:4: suffix-without-dot: rule "b": dns.query.endsWith("openai.org") also holds for evilopenai.org
>>> f.yaml:5: suffix-without-dot: rule "c": network.hostname.endsWith("openai.net")

=== suffix: negated, in a list, joined
--- f.yaml
version: 1
rules:
- {id: a, condition: 'agent.name == "x" && !http.host.endsWith("a.org")', action: block}
- {id: b, condition: '["b.org", ".c.org"].exists(d, dns.query.endsWith(d))', action: block}
- {id: c, condition: 'http.host.endsWith("git" + "hub.com")', action: block}
- {id: d, condition: 'http.host.endsWith("-d.org") || http.host.endsWith("com")', action: block}
- {id: e, condition: 'http.host.contains("e.org")', action: block}
>>> f.yaml:3: suffix-without-dot: rule "a": http.host.endsWith("a.org") also holds for evila.org
>>> f.yaml:4: suffix-without-dot: rule "b": dns.query.endsWith("b.org")
>>> f.yaml:5: suffix-without-dot: rule "c": http.host.endsWith("github.com")
>>> f.yaml:6: suffix-without-dot: rule "d": http.host.endsWith("-d.org") also holds for evil-d.org; name
>>> f.yaml:6: suffix-without-dot: rule "d": http.host.endsWith("com")
>>> f.yaml:7: suffix-without-dot: rule "e": http.host.contains("e.org") also holds for evile.org

=== suffix: regular expressions without a guard in front
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host.matches("github\\.com$")', action: block}
- {id: b, condition: 'http.host.matches("^.*github\\.com$")', action: block}
- {id: c, condition: 'http.host.matches("(github|gitlab)\\.com$")', action: block}
- {id: d, condition: 'http.host.matches("^(github\\.com|.*gitlab\\.com)$")', action: block}
- {id: e, condition: 'matches(dns.query, "github.com$")', action: block}
- {id: f, condition: 'http.host.matches("(?i)GitHub\\.com")', action: block}
- {id: g, condition: 'http.host.matches("^[a-z.]+github\\.com$")', action: block}
- {id: h, condition: 'http.host.matches("api\\.[a-z]+\\.example\\.org$")', action: block}
- {id: i, condition: 'http.host.matches("\\bgithub\\.com$")', action: block}
>>> f.yaml:3: suffix-without-dot: rule "a": http.host.matches("github\\.com$") also holds for evilgithub.com; begin the pattern with ^ and put (.+\.)? in front of the name if its sub-domains are meant too
>>> f.yaml:4: suffix-without-dot: rule "b": http.host.matches("^.*github\\.com$") also holds for evilgithub.com
>>> f.yaml:5: suffix-without-dot: rule "c": http.host.matches("(github|gitlab)\\.com$") also holds for evilgit
>>> f.yaml:6: suffix-without-dot: rule "d": http.host.matches("^(github\\.com|.*gitlab\\.com)$") also holds for evilgitlab.com
>>> f.yaml:7: suffix-without-dot: rule "e": dns.query.matches("github.com$") also holds for evilgithub.com
>>> f.yaml:8: suffix-without-dot: rule "f"
>>> f.yaml:9: suffix-without-dot: rule "g": http.host.matches("^[a-z.]+github\\.com$") also holds for evilgithub.com
>>> f.yaml:10: suffix-without-dot: rule "h": http.host.matches("api\\.[a-z]+\\.example\\.org$") also holds for evilapi.
>>> f.yaml:11: suffix-without-dot: rule "i": http.host.matches("\\bgithub\\.com$") also holds for evil-github.com

=== no suffix mistake: the name and what is below it
--- f.yaml
version: 1
rules:
- id: a
  condition: >-
    http.host == "x.com" || http.host.endsWith(".x.com") || dns.query == "x.com" || dns.query.endsWith(".x.com")
  action: allow

=== no suffix mistake: guarded regular expressions
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host.matches("^(.+\\.)?github\\.com$")', action: block}
- {id: b, condition: 'http.host.matches("(^|\\.)b\\.com$")', action: block}
- {id: c, condition: 'http.host.matches("^([a-z0-9-]+\\.)*c\\.com$")', action: block}
- {id: d, condition: 'http.host.matches("\\.d\\.com$")', action: block}
- {id: e, condition: 'http.host.matches("^[a-z]+\\.e\\.com$")', action: block}
- {id: f, condition: 'http.host.matches("^cdn[0-9]+\\.f\\.com$")', action: block}
- {id: g, condition: 'http.host.matches("^(www\\.)?(g|h)\\.com$")', action: block}
- {id: h, condition: 'http.host.matches("[.]h\\.com$")', action: block}

=== no suffix mistake: other fields, parts of one owner's names, beginnings
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.path.endsWith("a.org") || http.path.matches("a\\.org$")', action: block}
- {id: b, condition: 'http.host.endsWith("-docker.b.org")', action: block}
- {id: c, condition: 'http.host.startsWith("c.org")', action: block}
- {id: d, condition: 'http.host.contains("tracker")', action: block}
- {id: e, condition: 'agent.name.endsWith("a.org")', action: block}

# --- no-host-test ------------------------------------------------------------------------------

=== no host: nothing at all, an agent, a port
--- f.yaml
version: 1
rules:
- {id: a, condition: 'agent.name == "ci"', action: allow}
- {id: b, condition: 'agent.name == "b" && network.port == 443', action: allow}
- {id: c, condition: 'http.method == "GET" && http.path.startsWith("/v1/")', action: allow}
- {id: d, condition: 'true', action: allow}
>>> f.yaml:3: no-host-test: rule "a": allows every host when agent.name == "ci"; add a test of dns.query and http.host, as in (dns.query == "example.org" || http.host == "example.org")
>>> f.yaml:4: no-host-test: rule "b": allows every host when agent.name == "b" && network.port == 443;
>>> f.yaml:5: no-host-test: rule "c"
>>> f.yaml:6: no-host-test: rule "d": allows every host; add

=== no host: in one branch
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query == "a.org" || http.host == "a.org" || http.method == "GET"', action: allow}
>>> f.yaml:3: no-host-test: rule "a": allows every host when http.method == "GET";

=== no host: a kind of record
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.record_type == "TXT"', action: allow}
>>> f.yaml:3: no-host-test: rule "a"

=== host test not expected: containers, tools, block rules
--- f.yaml
version: 1
rules:
- {id: a, condition: 'docker.image.startsWith("team/")', action: allow}
- {id: b, condition: 'run.tool == "git" && agent.name == "ci"', action: allow}
- {id: c, condition: '"-f" in run.flags', action: allow}
- {id: d, condition: 'agent.name != "ci"', action: block}
- {id: e, condition: 'run.context["action_type"] == "file_access"', action: allow}

=== host test there: addresses, inside of other expressions
--- f.yaml
version: 1
rules:
- {id: a, condition: 'network.ip != "" && cidr("10.0.0.0/8").containsIP(network.ip)', action: allow}
- {id: b, condition: 'agent.name == "b" && http.host.lowerAscii() + dns.query == "b.org"', action: allow}
- {id: c, condition: 'agent.name == "c" && !(http.host + dns.query in ["evil.org", ""])', action: allow}
- {id: d, condition: 'agent.name == "d" && ["a.org"].exists(h, h == http.host || h == dns.query)', action: allow}

=== host test there: a long list of alternatives in two layers
--- f.yaml
version: 1
definitions:
  me: agent.name == "a" || agent.name.startsWith("a-")
  hosts: http.host in ["a.org", "b.org"] || http.host.endsWith(".c.org")
  names: dns.query in ["a.org", "b.org"] || dns.query.endsWith(".c.org")
rules:
- {id: a, condition: '$me && ($names || $hosts)', action: allow}

# --- dns-without-http --------------------------------------------------------------------------

=== dns only: one name
--- f.yaml
version: 1
rules:
- {id: a, condition: 'agent.name == "x" && dns.query == "a.org"', action: allow}
>>> f.yaml:3: dns-without-http: rule "a": allows the look-up of "a.org", but no rule allows a request to it; test both layers, as in (dns.query == "example.org" || http.host == "example.org")

=== dns only: one of two lists is longer
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query in ["a.org", "b.org", "c.org"] || http.host in ["a.org", "c.org"]', action: allow}
>>> f.yaml:3: dns-without-http: rule "a": allows the look-up of "b.org", but

=== dns only: many names, a domain, another program
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query in ["a.org", "b.org", "c.org", "d.org", "e.org"] || http.host == "x.org"', action: allow}
- {id: b, condition: 'dns.query.endsWith(".f.org") || http.host == "f.org"', action: allow}
- {id: c, condition: 'agent.name == "x" && (dns.query == "g.org" || dns.query == "x.org" || dns.query == "f.org")', action: allow}
- {id: d, condition: 'agent.name == "y" && http.host == "g.org" && network.port == 443', action: allow}
>>> f.yaml:3: dns-without-http: rule "a": allows the look-up of "a.org", "b.org", "c.org" and 2 more, but
>>> f.yaml:4: dns-without-http: rule "b": allows the look-up of dns.query.endsWith(".f.org"), but
>>> f.yaml:5: dns-without-http: rule "c": allows the look-up of "g.org", but
>>> f.yaml:6: http-without-dns: rule "d": allows requests to "g.org", but

=== dns only: a beginning within a beginning
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query.startsWith("x.a") && dns.query.startsWith("x")', action: allow}
- {id: b, condition: 'dns.query.startsWith("y") && dns.query.startsWith("y.a")', action: allow}
>>> f.yaml:3: dns-without-http: rule "a"
>>> f.yaml:4: dns-without-http: rule "b"

=== dns and http in rules that stand apart
--- a.yaml
version: 1
rules:
- {id: a, condition: 'dns.query in ["a.org", "b.org"] || dns.query.endsWith(".c.org")', action: allow}
--- b.yaml
version: 1
rules:
- {id: b, condition: 'agent.name == "x" && network.port == 443 && http.host == "a.org"', action: allow}
- {id: c, condition: 'network.hostname == "b.org"', action: allow}
- {id: d, condition: 'http.host == "x.c.org"', action: allow}

=== dns only is meant: direct grants, other records
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query == "a.org"', action: allow, egress: {mode: direct_ip}}
- {id: b, condition: 'dns.query == "b.org" && dns.record_type == "TXT"', action: allow}
- {id: c, condition: 'dns.query == "c.org" && dns.record_type in ["MX", "SRV"]', action: allow}
- {id: d, condition: 'dns.query == "d.org"', action: block}

=== dns and a rule for every host
--- f.yaml
version: 1
rules:
- {id: a, condition: 'dns.query == "a.org"', action: allow}
- {id: b, condition: 'agent.name == "x" && network.port == 443', action: allow}
>>> f.yaml:4: no-host-test: rule "b"

# --- http-without-dns --------------------------------------------------------------------------

=== http only: one name
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host == "a.org" && http.method == "GET"', action: allow}
>>> f.yaml:3: http-without-dns: rule "a": allows requests to "a.org", but no rule allows its look-up, so that only programs that use the proxy get there; test both layers

=== http only: network.hostname, a domain
--- f.yaml
version: 1
rules:
- {id: a, condition: 'network.hostname == "a.org"', action: allow}
- {id: b, condition: 'http.host.endsWith(".b.org") || dns.query == "b.org"', action: allow}
- {id: c, condition: 'http.host == "b.org"', action: allow}
>>> f.yaml:3: http-without-dns: rule "a": allows requests to "a.org", but
>>> f.yaml:4: http-without-dns: rule "b": allows requests to http.host.endsWith(".b.org"), but

=== http only: the look-up is for another program
--- f.yaml
version: 1
rules:
- {id: a, condition: 'agent.name == "x" && http.host == "a.org"', action: allow}
- {id: b, condition: 'agent.name == "y" && (dns.query == "a.org" || http.host == "a.org")', action: allow}
>>> f.yaml:3: http-without-dns: rule "a"

=== http and an address
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.host == "192.0.2.1"', action: allow}
- {id: b, condition: 'http.host == "b.org" && network.ip == "192.0.2.1"', action: allow}
- {id: c, condition: 'http.host in ["2001:db8::1", "198.51.100.7"]', action: allow}

=== http and names that any program may look up
--- f.yaml
version: 1
rules:
- {id: a, condition: 'agent.name == "x" && http.host == "a.org" && http.method == "GET"', action: allow}
- {id: b, condition: 'dns.query == "a.org"', action: allow}

=== presets in the wild (S003 7.10)
--- f.yaml
version: 1
rules:
- id: a
  condition: agent.name == "x" && (dns.query == "h.org" || http.host == "h.org")
  action: allow
  egress: {mode: proxy}
- id: b
  condition: agent.name == "y" && (dns.query.matches("^(.+\\.)?k\\.org$") || http.host.matches("^(.+\\.)?k\\.org$"))
  action: allow

# --- fails-when-absent -------------------------------------------------------------------------

=== absent: a header
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.headers["x-a"] == "1"', action: block}
>>> f.yaml:3: fails-when-absent: rule "a": does not match when http.headers["x-a"] is absent in an http and an agent request, because the error counts as no match; to say so in the rule test for the key first, as in "x" in http.headers && ..., or give a default, as in http.headers[?"x"].orValue("")

=== absent: an address
--- f.yaml
version: 1
rules:
- {id: a, condition: 'cidr("10.0.0.0/8").containsIP(network.ip)', action: block}
>>> f.yaml:3: fails-when-absent: rule "a": does not match when network.ip is absent in an http and an agent request, because the error counts as no match; to say so in the rule test for it first, as in network.ip != "" && ...

=== absent: an argument
--- f.yaml
version: 1
rules:
- {id: a, condition: 'run.args[0] == "push"', action: block}
>>> f.yaml:3: fails-when-absent: rule "a": does not match when run.args[0] is absent in an agent request

=== tested first
--- f.yaml
version: 1
rules:
- {id: a, condition: '"x-a" in http.headers && http.headers["x-a"] == "1"', action: block}
- {id: b, condition: 'http.headers[?"x-b"].orValue("") == "1"', action: block}
- {id: c, condition: 'network.ip != "" && cidr("10.0.0.0/8").containsIP(network.ip)', action: block}
- {id: d, condition: 'size(run.args) > 0 && run.args[0] == "push"', action: block}

=== in allow rules an error is no match anyway
--- f.yaml
version: 1
rules:
- {id: a, condition: '(dns.query == "a.org" || http.host == "a.org") && http.headers["x"] == "1"', action: allow}
- {id: b, condition: 'dns.query == "a.org"', action: allow}

=== block rules that cannot fail
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.method == "PUT" && network.port != 443', action: block}

# --- fails-when-malformed ----------------------------------------------------------------------

=== malformed: a header that is a number, or is not
--- f.yaml
version: 1
rules:
- {id: a, condition: '"x" in http.headers && int(http.headers["x"]) > 3', action: block}
- {id: b, condition: 'http.host == "b.org" && timestamp(http.headers[?"y"].orValue("2000-01-01T00:00:00Z")) > timestamp("2030-01-01T00:00:00Z")', action: block}
>>> f.yaml:3: fails-when-malformed: rule "a": blocks when int(http.headers["x"]) fails, because any error but absence blocks, and whoever sends the request writes the text; if that is not meant test its form first, as in http.headers["x"].matches("^[0-9]{1,9}$") && ...
>>> f.yaml:4: fails-when-malformed: rule "b"

=== malformed: a part of a path, an argument
--- f.yaml
version: 1
rules:
- {id: a, condition: 'http.path.startsWith("/v") && int(http.path.substring(2)) > 3', action: block}
- {id: b, condition: 'size(run.args) > 0 && ip(run.args[0]).isLoopback()', action: block}
>>> f.yaml:3: fails-when-malformed: rule "a": blocks when int(http.path.substring(2)) fails
>>> f.yaml:4: fails-when-malformed: rule "b": blocks when ip(run.args[0]) fails

=== malformed: absent and malformed, guarded in one branch only
--- f.yaml
version: 1
rules:
- {id: a, condition: 'int(http.headers["x"]) > 3', action: block}
- id: b
  condition: >-
    "x" in http.headers && (http.headers["x"].matches("^[0-9]$") || http.path == "/") && int(http.headers["x"]) > 3
  action: block
>>> f.yaml:3: fails-when-absent: rule "a"
>>> f.yaml:3: fails-when-malformed: rule "a"
>>> f.yaml:4: fails-when-malformed: rule "b"

=== well-formed: tested first
--- f.yaml
version: 1
rules:
- {id: a, condition: '"x" in http.headers && http.headers["x"].matches("^[0-9]{1,9}$") && int(http.headers["x"]) > 3', action: block}
- {id: b, condition: 'http.headers[?"y"].orValue("") in ["1", "2"] && int(http.headers[?"y"].orValue("")) > 1', action: block}

=== well-formed: fields that the daemon fills
--- f.yaml
version: 1
rules:
- {id: a, condition: 'network.ip != "" && ip(network.ip).isLoopback()', action: block}
- {id: b, condition: 'string(network.port) == "22" && int("3") == 3', action: block}

=== well-formed: allow rules, in which an error is no match
--- f.yaml
version: 1
rules:
- {id: a, condition: '(dns.query == "a.org" || http.host == "a.org") && int(http.path) == 3', action: allow}
- {id: b, condition: 'dns.query == "a.org"', action: allow}

# --- together ----------------------------------------------------------------------------------

=== order: file, line, kind
--- b.yaml
version: 1
rules:
- {id: b, condition: 'http.host.endsWith("b.org") && http.host == "c.org"', action: allow, priority: 1}
--- a.yaml
version: 1
definitions: {x: "true"}
rules:
- {id: a, condition: 'true', action: allow, priority: 2}
>>> a.yaml:2: unused-definition
>>> a.yaml:4: no-host-test: rule "a"
>>> b.yaml:3: never-matches: rule "b"
>>> b.yaml:3: suffix-without-dot: rule "b"

=== nothing to say
--- f.yaml
version: 1
