# Verdicts of the rules that are installed (config/rules.d): S003 7.9.
??? agent.name=demo dns.query=example.org dns.record_type=A => allow allow-demo-example-sites
??? agent.name=demo-2 dns.query=www.example.com => allow allow-demo-example-sites
??? agent.name=demo http.host=example.org http.method=CONNECT network.port=443 => allow allow-demo-example-sites
??? agent.name=demo http.host=example.org http.method=GET network.port=80 => allow allow-demo-example-sites
??? agent.name=demo http.host=example.org http.method=CONNECT network.port=8443 => block deny-demo-odd-ports
??? agent.name=demo http.host=example.net network.port=443 => block -
??? agent.name=demo dns.query=evil-example.org => block -
??? agent.name=demo dns.query=www.example.org.evil.net => block -
??? agent.name=other dns.query=example.org => block -
??? agent.name=demolition dns.query=example.org => block -
??? dns.query=example.org => block -
??? agent.name=demo network.ip=10.0.0.1 network.port=443 http.host=10.0.0.1 => block deny-demo-private-literals
??? agent.name=demo network.ip=172.31.0.1 network.port=80 => block deny-demo-private-literals
??? agent.name=demo network.ip=172.32.0.1 network.port=80 => block -
??? agent.name=demo network.ip=169.254.169.254 network.port=80 => block deny-demo-private-literals
??? agent.name=demo network.ip=::1 network.port=80 => block -
??? agent.name=demo dns.query=packages.example.org => allow allow-demo-package-mirrors
??? agent.name=demo http.host=security.example.org network.port=80 => allow allow-demo-package-mirrors
??? agent.name=demo dns.query=github.com => block deny-demo-git-over-https
??? agent.name=demo http.host=github.com network.port=443 => block deny-demo-git-over-https
??? agent.name=demo http.host=api.github.com network.port=443 => allow allow-demo-github-api
??? agent.name=demo dns.query=raw.githubusercontent.com => allow allow-demo-github-content
??? agent.name=demo dns.query=evilgithubusercontent.com => block -
??? agent.name=demo run.tool=git => block -
