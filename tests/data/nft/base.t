add table inet outcall flags 0
delete table inet outcall
add table inet outcall flags 6
add set agent_bridges: ifname
add set grants: ipv4_addr . ipv4_addr . inet_proto . inet_service, timeout
add set grants_wide: ipv4_addr . ipv4_addr . inet_proto . inet_service, interval, timeout
add element agent_bridges: outcall0
add element agent_bridges: outcall0-352337
add chain forward: type filter hook forward priority 0 policy drop
add chain input_from_agents: type filter hook input priority 0 policy accept
add chain output_ipv6_block: type filter hook output priority 0 policy accept
add chain redirect_agents: type nat hook prerouting priority -100 policy accept
add chain refuse_agents: type filter hook prerouting priority 0 policy accept
rule forward F1: r1 = meta iifname; r1 not in @agent_bridges; r1 = meta oifname; r1 not in @agent_bridges; r1 = meta iifname; r1 != "outcall0-"; r1 = meta oifname; r1 != "outcall0-"; accept
rule forward F2: r1 = meta iifname; r1 in @agent_bridges; r1 = ct state; r1 &= 0x1; r1 != 0x00000000; counter; drop
rule forward F3: r1 = meta oifname; r1 in @agent_bridges; r1 = ct state; r1 &= 0x1; r1 != 0x00000000; counter; drop
rule forward F4: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x0a; counter; drop
rule forward F5: r1 = meta oifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x0a; counter; drop
rule forward F6: r1 = meta iifname; r1 in @agent_bridges; r1 = ct state; r1 &= 0x6; r1 != 0x00000000; accept
rule forward F7: r1 = meta oifname; r1 in @agent_bridges; r1 = ct state; r1 &= 0x6; r1 != 0x00000000; accept
rule forward F8: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x02; r8 = network header + 12, 4; r9 = network header + 16, 4; r10 = meta l4proto; r11 = transport header + 2, 2; r8 in @grants; accept
rule forward F8: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x02; r8 = network header + 12, 4; r9 = network header + 16, 4; r10 = meta l4proto; r11 = transport header + 2, 2; r8 in @grants_wide; accept
rule forward F9: counter; drop
rule input_from_agents I1: r1 = meta iifname; r1 in @agent_bridges; r1 = ct state; r1 &= 0x1; r1 != 0x00000000; counter; drop
rule input_from_agents I2: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x02; r1 = network header + 16, 4; r1 == 0x0ac80001; r1 = meta l4proto; r1 == 0x11; r1 = transport header + 2, 2; r1 == 0x0035; accept
rule input_from_agents I3: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x02; r1 = network header + 16, 4; r1 == 0x0ac80001; r1 = meta l4proto; r1 == 0x06; r1 = transport header + 2, 2; r1 == 0x0035; accept
rule input_from_agents I4: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x02; r1 = network header + 16, 4; r1 == 0x0ac80001; r1 = meta l4proto; r1 == 0x06; r1 = transport header + 2, 2; r1 == 0x1f90; accept
rule input_from_agents I6: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x0a; counter; drop
rule input_from_agents I5: r1 = meta iifname; r1 in @agent_bridges; counter; r1 = meta nfproto; r1 == 0x02; drop
rule input_from_agents I7: r1 = meta iifname; r1 == "outcall0-"; counter; drop
rule output_ipv6_block O1: r1 = meta oifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x0a; counter; drop
rule output_ipv6_block O2: r1 = meta oifname; r1 == "outcall0-"; r1 = meta nfproto; r1 == 0x0a; counter; drop
rule redirect_agents N1: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x02; r8 = network header + 12, 4; r9 = network header + 16, 4; r10 = meta l4proto; r11 = transport header + 2, 2; r8 in @grants; accept
rule redirect_agents N1: r1 = meta iifname; r1 in @agent_bridges; r1 = meta nfproto; r1 == 0x02; r8 = network header + 12, 4; r9 = network header + 16, 4; r10 = meta l4proto; r11 = transport header + 2, 2; r8 in @grants_wide; accept
rule redirect_agents N2: r1 = meta iifname; r1 in @agent_bridges; r1 = meta l4proto; r1 == 0x11; r1 = transport header + 2, 2; r1 == 0x0035; r1 = 0x0ac80001; r2 = 0x0035; dnat ip r1 port r2
rule redirect_agents N3: r1 = meta iifname; r1 in @agent_bridges; r1 = meta l4proto; r1 == 0x06; r1 = transport header + 2, 2; r1 == 0x0035; r1 = 0x0ac80001; r2 = 0x0035; dnat ip r1 port r2
rule redirect_agents N4: r1 = meta iifname; r1 in @agent_bridges; r1 = fib result 3 flags 0x2; r1 == 0x02000000; accept
rule redirect_agents N5: r1 = meta iifname; r1 in @agent_bridges; r1 = meta l4proto; r1 == 0x06; r1 = transport header + 2, 2; r1 == 0x0050; r1 = 0x0ac80001; r2 = 0x1f90; dnat ip r1 port r2
rule redirect_agents N5: r1 = meta iifname; r1 in @agent_bridges; r1 = meta l4proto; r1 == 0x06; r1 = transport header + 2, 2; r1 == 0x01bb; r1 = 0x0ac80001; r2 = 0x1f90; dnat ip r1 port r2
rule refuse_agents R1: r1 = meta iifname; r1 not in @agent_bridges; accept
rule refuse_agents R2-ipv6: r1 = meta nfproto; r1 == 0x0a; counter; drop
rule refuse_agents R2-invalid: r1 = ct state; r1 &= 0x1; r1 != 0x00000000; counter; drop
rule refuse_agents R3: r1 = fib result 1 flags 0x9; r1 == 0x00000000; counter; drop
rule refuse_agents R4: r1 = meta nfproto; r1 == 0x02; r1 = network header + 16, 4; r1 == 0x0ac80001; r1 = meta l4proto; r1 == 0x11; r1 = transport header + 2, 2; r1 == 0x0035; accept
rule refuse_agents R4: r1 = meta nfproto; r1 == 0x02; r1 = network header + 16, 4; r1 == 0x0ac80001; r1 = meta l4proto; r1 == 0x06; r1 = transport header + 2, 2; r1 == 0x0035; accept
rule refuse_agents R4: r1 = meta nfproto; r1 == 0x02; r1 = network header + 16, 4; r1 == 0x0ac80001; r1 = meta l4proto; r1 == 0x06; r1 = transport header + 2, 2; r1 == 0x1f90; accept
rule refuse_agents R5: r1 = ct state; r1 &= 0x6; r1 != 0x00000000; accept
rule refuse_agents R6: r1 = meta nfproto; r1 == 0x02; r8 = network header + 12, 4; r9 = network header + 16, 4; r10 = meta l4proto; r11 = transport header + 2, 2; r8 in @grants; accept
rule refuse_agents R6: r1 = meta nfproto; r1 == 0x02; r8 = network header + 12, 4; r9 = network header + 16, 4; r10 = meta l4proto; r11 = transport header + 2, 2; r8 in @grants_wide; accept
rule refuse_agents R7: r1 = meta l4proto; r1 == 0x06; limit 900/s burst 100; counter; reject type 1 code 0
rule refuse_agents R8: r1 = meta l4proto; r1 != 0x06; limit 900/s burst 100; counter; reject type 2 code 3
rule refuse_agents R9: counter; drop
