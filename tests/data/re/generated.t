[ab]	b{c]	yes
[ab]	éAb]	yes
a??\A[^a]a*	cα_aca{	yes
a??\A[^a]a*	AÉca1🐱A	yes
\pLA\..?|a	b{aabÉb	yes
\pLA\..?|a	.A	no
\D(\.*?b(.bc)([^a])*?|[\p{Greek}b]*b{1,2})(b??[a-].??\A|b)|[ab]{2}\.\.(\W{0,3}.)??	a_{b	no
\D(\.*?b(.bc)([^a])*?|[\p{Greek}b]*b{1,2})(b??[a-].??\A|b)|[ab]{2}\.\.(\W{0,3}.)??	B cBbAc	no
\.[^[:digit:]]A|.b?((?:c|a)|(?:(?:[^a]*\.c)a{,2}).)*	Aa1	yes
\.[^[:digit:]]A|.b?((?:c|a)|(?:(?:[^a]*\.c)a{,2}).)*	c	yes
((?im-s:(?s:[^a][^a]){2,}\.|[^a]??b*){1,2})\.*\.	b	no
((?im-s:(?s:[^a][^a]){2,}\.|[^a]??b*){1,2})\.*\.	 cbB\n	no
a{0,3}	zc	yes
a{0,3}	cécbca	yes
(?im-s:[\p{Greek}b]{2}((?im-s:A[ab][^a]{0})+\101b)|(?:(\n??[ab]c*?.).{2})ba+?)a.[^]a]	A	no
(?im-s:[\p{Greek}b]{2}((?im-s:A[ab][^a]{0})+\101b)|(?:(\n??[ab]c*?.).{2})ba+?)a.[^]a]	bAAza.Éba	no
bc	aαaAB1_	no
bc		no
\Bc{1,2}	ac	yes
\Bc{1,2}	ÉAÉaAbΩ	no
cA	{Acc{zaca	no
cA	aé]aA	no
(?:.+[ab]+([ab])|(a)*?)\.{2}((?:(?:b*?\n)?\101+?[^[:digit:]]){2,}[^a]{0,3})+	A AbAAA	no
(?:.+[ab]+([ab])|(a)*?)\.{2}((?:(?:b*?\n)?\101+?[^[:digit:]]){2,}[^a]{0,3})+	zc 	no
(?:(a)((?m:a*?\.|\..*[ab]{0,3})([^a]🐱*\W{2}|.)(?-i:c\.\.*|A[^[:digit:]]??a+)a??)[\d.]{2,})|a*	c_zAAcc1a	yes
(?:(a)((?m:a*?\.|\..*[ab]{0,3})([^a]🐱*\W{2}|.)(?-i:c\.\.*|A[^[:digit:]]??a+)a??)[\d.]{2,})|a*	-α🐱{Aa{Éc	yes
\x41aa|\D	🐱ba	yes
\x41aa|\D	\naAza🐱	yes
[^a]a.c{2,}|a{,2}🐱{2,}	aAb	no
[^a]a.c{2,}|a{,2}🐱{2,}	αc🐱AAa_c	no
((?s:🐱{2,}(?-i:.+|Ac.{2,})(cc+?)\.{2})\W{0}|\b(?:a{)??\wa+?)+\PN\Bc	cAc	no
((?s:🐱{2,}(?-i:.+|Ac.{2,})(cc+?)\.{2})\W{0}|\b(?:a{)??\wa+?)+\PN\Bc	ccb_	no
b[^]a]??\.	éΩ1🐱α	no
b[^]a]??\.	1	no
a??	1b	yes
a??	A_]_cb A	yes
\PN[^b-z]((?im-s:.(?i:a{2,}\.\n)+?)\p{^L}\w)	aaz	no
\PN[^b-z]((?im-s:.(?i:a{2,}\.\n)+?)\p{^L}\w)		no
([ab](?s:b{0,3}b))a{,2}\x{e9}[^a]	-	no
([ab](?s:b{0,3}b))a{,2}\x{e9}[^a]	.A	no
b(?m:c{2}..)[ab]\.*	c	no
b(?m:c{2}..)[ab]\.*	c]Ωbcac	no
.{1,2}	 	yes
.{1,2}	é-	yes
([ab]|[ab](?im-s:[\p{Greek}b]A(?:\B[]a]?|\Qa.b\Eb{2,})(?-i:b{0,3}b..|[^a]+?[^a])){0}a[^a]+){1,3}?	{🐱AbbAb{	yes
([ab]|[ab](?im-s:[\p{Greek}b]A(?:\B[]a]?|\Qa.b\Eb{2,})(?-i:b{0,3}b..|[^a]+?[^a])){0}a[^a]+){1,3}?	b\nacz	yes
(?-i:[à-ÿ]{1,2}(bb{1,2}(?:[^a][^a][ab]){1,2}))a|A[^]a][ab](?:a*[ab])	AαcAaa\n	no
(?-i:[à-ÿ]{1,2}(bb{1,2}(?:[^a][^a][ab]){1,2}))a|A[^]a][ab](?:a*[ab])	_bΩacza	no
\.((\x{e9}|[^a][^a]){0,3}[^a]??b)\Qa.b\E\w	.éc	no
\.((\x{e9}|[^a][^a]){0,3}[^a]??b)\Qa.b\E\w	1Ac]z.	no
((?s:\.Ab|(?:A|[ab]🐱.){2,}(\.{0,3}).*)A(?s:(?-i:c)))(?:a)*?	aaa	no
((?s:\.Ab|(?:A|[ab]🐱.){2,}(\.{0,3}).*)A(?s:(?-i:c)))(?:a)*?	é{ΩA.A	no
A[a-c]c*?	a🐱c_b	no
A[a-c]c*?	cAA{ bc	no
c{1,2}[ab]	αab_b_cé	no
c{1,2}[ab]		no
b.	abA.	yes
b.		no
(?i:\101*?\PN{2,})|[ab]A{0,3}(?m:[]a]+(?s:\B(.[[:alpha:]][ab])(?:\n{1,3}?\.{1,2})?(?:\PN)))	bba1BÉA	yes
(?i:\101*?\PN{2,})|[ab]A{0,3}(?m:[]a]+(?s:\B(.[[:alpha:]][ab])(?:\n{1,3}?\.{1,2})?(?:\PN)))	a	no
cA{1,3}?\wA|^	cBc	yes
cA{1,3}?\wA|^		yes
\W	abcc	no
\W	A]Ab	yes
\.{2,}\PN?[ab]	a	no
\.{2,}\PN?[ab]	az_A	no
(?im-s:[a-c]*?[^\n](?:[ab](?i:c{2,}|\z[ab])([^\n]{2}[à-ÿ]aa)|[^a]\z(?m:a{,2}))+|[ab])+?[ab]	Aa	yes
(?im-s:[a-c]*?[^\n](?:[ab](?i:c{2,}|\z[ab])([^\n]{2}[à-ÿ]aa)|[^a]\z(?m:a{,2}))+|[ab])+?[ab]		no
\B\W{2,}[^[:digit:]]	baébAaa	no
\B\W{2,}[^[:digit:]]	c	no
\.*?c{0}(?:((?m:acA)?).A??A|a[à-ÿ]c){2,}|🐱{1,2}\x{e9}a(?i:[^a][^[:digit:]][^a])	Ab aa	no
\.*?c{0}(?:((?m:acA)?).A??A|a[à-ÿ]c){2,}|🐱{1,2}\x{e9}a(?i:[^a][^[:digit:]][^a])	{a]	no
(A{1,3}?.+?|A{0})	{A🐱bb.AAa	yes
(A{1,3}?.+?|A{0})	🐱bébcab\n	yes
(\.\.|(.\W|(?:.+.*[\p{Greek}b]\d)?A){0}(\zc[]a])a+)	.	no
(\.\.|(.\W|(?:.+.*[\p{Greek}b]\d)?A){0}(\zc[]a])a+)	b]_a	no
\D??(?:(?m:(\.[ab]b|b[^b-z]+?[ab]??c){1,3}?(.*b\.|🐱[^a]\.+))(?s:[à-ÿ][^a]A))	]A{Ac1c	no
\D??(?:(?m:(\.[ab]b|b[^b-z]+?[ab]??c){1,3}?(.*b\.|🐱[^a]\.+))(?s:[à-ÿ][^a]A))	AaAb	no
(?:(?im-s:.(?im-s:\d[ab]a{,2}A)?|[ab]*)[ab](c))b?\.?\Qa.b\E?	abA	no
(?:(?im-s:.(?im-s:\d[ab]a{,2}A)?|[ab]*)[ab](c))b?\.?\Qa.b\E?	1A	no
.|\d	a	yes
.|\d		no
.[^a]{1,2}	.c{α_ÉAAc	yes
.[^a]{1,2}	A	no
(Ab+)[a-]	1cz.Aca	no
(Ab+)[a-]		no
.	bÉbébcaA{	yes
.	α aAAa	yes
((?:[\d.][^b-z]){2,}(?:a{0,3})c\PN)(?s:[a-c][\p{Greek}b]a{0,3}[ab])A{1,3}?\.	aÉc{cb-\n	no
((?:[\d.][^b-z]){2,}(?:a{0,3})c\PN)(?s:[a-c][\p{Greek}b]a{0,3}[ab])A{1,3}?\.	a.\nb\nαAc	no
[^a]	]	yes
[^a]	a	no
[^a]{2}(?im-s:b??|b)	Ω c..A-cc	yes
[^a]{2}(?im-s:b??|b)	b\n\nB]Ω a	yes
\.+	.Aa\n.]	yes
\.+	É ab	no
a{	AαBb	no
a{	aA.cac.bc	no
({|.){0}c	AbA\nA1	no
({|.){0}c	A	no
.[ab]|A(?:.(?m:A.{1,2}|[ab])|a)		no
.[ab]|A(?:.(?m:A.{1,2}|[ab])|a)	bécA_b🐱a	yes
\w{1,2}[ab]	{bc{z	no
\w{1,2}[ab]	.αbbÉ	yes
b*(?-i:a{1,2}[a-][^a])[^a]	ca_Abcc	no
b*(?-i:a{1,2}[a-][^a])[^a]	baéBΩÉ	no
(?:(aaa)?\.(?:(?s:b[^a][ab]\Qa.b\E)(?i:\z)*)|(?:[^a][ab]|b)a*?\b)a[]a]?	αbaA- a	no
(?:(aaa)?\.(?:(?s:b[^a][ab]\Qa.b\E)(?i:\z)*)|(?:[^a][ab]|b)a*?\b)a[]a]?	A.bb AA 	no
b{2,}|(a)[^a]	c c]_abcA	yes
b{2,}|(a)[^a]	A]abABΩα	yes
\Qa.b\E	É🐱cacac	no
\Qa.b\E	{bz	no
[^a]{2,}[]a]	acbbéa\n	yes
[^a]{2,}[]a]	aaAAA]bA	yes
[ab](?i:(?im-s:(?:Ac|.[ab]{0,3}\101))+.\x{e9}|(\A))	ÉccB{_1.	no
[ab](?i:(?im-s:(?:Ac|.[ab]{0,3}\101))+.\x{e9}|(\A))	c.-AccABc	no
c{2,}([a-]c*?){2,}(?-i:a{,2}){0}	-αaÉzcAaa	no
c{2,}([a-]c*?){2,}(?-i:a{,2}){0}	ΩÉbA..z]1	no
(?:b|[^a]+[ab]+?\x{e9})??.{0}a{1,2}	aB	yes
(?:b|[^a]+[ab]+?\x{e9})??.{0}a{1,2}		no
.??[^b-z]	1A	yes
.??[^b-z]		no
[^b-z]+(?s:b)\.{	abAb.🐱A-A	no
[^b-z]+(?s:b)\.{	A\nα1	no
[^a]{0}\.{2,}c\.{1,2}	a1ÉcAabBc	no
[^a]{0}\.{2,}c\.{1,2}	cAb \n 	no
[^a][ab]?\.	A.z_	yes
[^a][ab]?\.	cbA_🐱	no
(?:[^a])[^a]	c{cAÉ	yes
(?:[^a])[^a]	b-b_{	yes
A(?im-s:c{1,3}?[^]a])[^a]\.{2}		no
A(?im-s:c{1,3}?[^]a])[^a]\.{2}	a.c	no
[^a].	É-bcb	yes
[^a].	cαb α	yes
(?:A\w(?:a{1,3}?b.))[ab]*?	.c	no
(?:A\w(?:a{1,3}?b.))[ab]*?	aÉcaΩacc-	no
(?im-s:[^a]|\z)		yes
(?im-s:[^a]|\z)		yes
(\101?c+\PN?(?s:(?:[ab]A[\p{Greek}b]|\.\.)[\d.]{1,2}\pL?A{2,}))	\nc	no
(\101?c+\PN?(?s:(?:[ab]A[\p{Greek}b]|\.\.)[\d.]{1,2}\pL?A{2,}))	bz_cAcbc	no
(?:\..(?:\x41(?:.🐱A)??)(?:.(?-i:.|éa{2}){1,3}?(?:🐱{2}c+A{2,})[^a])|a{,2}a[ab])+[ab]a[^a]	a	no
(?:\..(?:\x41(?:.🐱A)??)(?:.(?-i:.|éa{2}){1,3}?(?:🐱{2}c+A{2,})[^a])|a{,2}a[ab])+[ab]a[^a]	 \n	no
\.\x41+?(?s:[]a]+)	b🐱bÉ🐱a	no
\.\x41+?(?s:[]a]+)	b_c_	no
(?im-s:[ab]{2,}[]a]{2})\.(?im-s:[^a](?:(\.)))	Acccaacca	no
(?im-s:[ab]{2,}[]a]{2})\.(?im-s:[^a](?:(\.)))	{AaÉac	no
[ab]+?é{0}a*	Aαba	yes
[ab]+?é{0}a*	.aA🐱a 	yes
aA{0,3}	AcΩc{bA	no
aA{0,3}	ÉAÉAa	yes
(((?:[^]a]{2,}\A)[ab]+?)[ab]a){2}(?:c\.[^a])c	B{zcbc	no
(((?:[^]a]{2,}\A)[ab]+?)[ab]a){2}(?:c\.[^a])c	 c	no
b?|🐱{0}\PN	BA ca{c]-	yes
b?|🐱{0}\PN	cc1.]	yes
[^a]*?[ab]	b	yes
[^a]*?[ab]	cA-ccA1A	no
A{0}((?:a??){0,3})[ab]	c🐱	no
A{0}((?:a??){0,3})[ab]	Ωc	no
(?m:(?:(?s:\W)??[^a])[a-c]\W\.*){0,3}(?m:[^a]??)([ab].)	ca-ΩAB.	yes
(?m:(?:(?s:\W)??[^a])[a-c]\W\.*){0,3}(?m:[^a]??)([ab].)	 cÉc	no
b{1,3}?(?:[^a]+(?im-s:(?:\.b+?b|c*?a)+(\d))+?|[^a][^a][^a]?[^a])*?b	aA	no
b{1,3}?(?:[^a]+(?im-s:(?:\.b+?b|c*?a)+(\d))+?|[^a][^a][^a]?[^a])*?b	baacA	no
(?:[^a]{0}){0,3}bc	aΩéAcb	no
(?:[^a]{0}){0,3}bc		no
([à-ÿ](a*?|(\.{2}[\p{Greek}b]ba{2,})+\.)[ab]){1,2}|[ab]\x41(?im-s:\.(?m:[^\n].)??[\d.](a+?a[^b-z]\.))+	czac	no
([à-ÿ](a*?|(\.{2}[\p{Greek}b]ba{2,})+\.)[ab]){1,2}|[ab]\x41(?im-s:\.(?m:[^\n].)??[\d.](a+?a[^b-z]\.))+	-]b.a	no
(?m:\p{^L}(\W{1,2}A{2}[^a]|(?m:\Qa.b\E[^a][ab]?c{1,3}?)a)?)|(?-i:(c(b{2}[a-c]{2})*?).?🐱{0}\x41|\D*?b)??	cbA.Ω	yes
a{2,}		no
a{2,}	c	no
A*?([^a]\.{0})(?:\101A\.(?s:b))b{0,3}	Ba{bαa🐱b	no
A*?([^a]\.{0})(?:\101A\.(?s:b))b{0,3}	abbÉbab-\n	no
\.[^a]	A{1Aa	no
\.[^a]	bAbbba	no
cb{1,2}|\p{^L}(?:cc[\d.]\.*)	aÉ	no
cb{1,2}|\p{^L}(?:cc[\d.]\.*)	AbAécab	no
(?:(?:(?:\x41🐱\D{1,3}?a))[^b-z]A)	azbc c{c	no
(?:(?:(?:\x41🐱\D{1,3}?a))[^b-z]A)	a 🐱b{ÉABA	no
a{,2}(?i:(?s:(c\x{e9}[à-ÿ])[^a]{0}b))	.bbAbb	no
a{,2}(?i:(?s:(c\x{e9}[à-ÿ])[^a]{0}b))	🐱🐱	no
(?:(?im-s:(?:[^b-z].))+\d(?:\101[ab].*))	cA	no
(?:(?im-s:(?:[^b-z].))+\d(?:\101[ab].*))	z	no
$((?i:[à-ÿ](\.)[^a]|(?s:A){2,})[à-ÿ]{0,3}|c)	Ω	no
$((?i:[à-ÿ](\.)[^a]|(?s:A){2,})[à-ÿ]{0,3}|c)	ÉAÉzbébΩa	no
aé[ab]	-éacé	no
aé[ab]	b🐱ac\nαb	no
\Qa.b\Eb[^a]+?\.	]ABAa	no
\Qa.b\Eb[^a]+?\.	a{ccA	no
\W{2}	🐱Ac\n]Abzz	yes
\W{2}	a]b\n	no
\x41	z	no
\x41	a	no
\.?A(?i:.+[^]a]{0,3}(\d))*\.{0}|\.A*?A.		no
\.?A(?i:.+[^]a]{0,3}(\d))*\.{0}|\.A*?A.	.{a A	yes
(?i:(?s:🐱{0,3}\x41(?s:\A))+?(([^[:digit:]]|c\x41\PN{1,3}?)*\w{2})*c[ab])\x{e9}	-\n Ω	no
(?i:(?s:🐱{0,3}\x41(?s:\A))+?(([^[:digit:]]|c\x41\PN{1,3}?)*\w{2})*c[ab])\x{e9}	AaA_.ΩÉcc	no
(?:[^a]b{2})	b1\nbc{b	no
(?:[^a]b{2})	A	no
[\d.]A(?:b??[^a]+|\.[ab]){2,}	Aa	no
[\d.]A(?:b??[^a]+|\.[ab]){2,}	-Aαccé	no
.|(\b)*?\x{e9}c+?(?-i:aA(c?[]a]{0}))		no
.|(\b)*?\x{e9}c+?(?-i:aA(c?[]a]{0}))		no
(\W{0})[^a](?:(?:\b(?:\.{1,2}.|a\W\.))(?im-s:[a-c]c|[^b-z]{0}\wb.))|b+	AAÉaaéab]	yes
(\W{0})[^a](?:(?:\b(?:\.{1,2}.|a\W\.))(?im-s:[a-c]c|[^b-z]{0}\wb.))|b+	c ]ab	yes
a(?s:.)+?[a-c]	\nAzé	no
a(?s:.)+?[a-c]	c_abcA_b	yes
(?:(b.(c{1,2}a??\.{2}\D){2}(?:[^\n]bb\.))[^a]|(.(?i:A{0,3})(?:b?[^[:digit:]]a)+?))cb	bA{caba	no
(?:(b.(c{1,2}a??\.{2}\D){2}(?:[^\n]bb\.))[^a]|(.(?i:A{0,3})(?:b?[^[:digit:]]a)+?))cb	Acéc{	no
.*?\W{1,3}?Ac	cécbα]b	no
.*?\W{1,3}?Ac	11A	no
(?:b(?im-s:[ab]+?(?-i:a\.^)A{0}){1,2}[ab])	ΩAΩaAbÉ	no
(?:b(?im-s:[ab]+?(?-i:a\.^)A{0}){1,2}[ab])	AB	no
\pL(?-i:[^a]{2}[^a]Aa+?)[ab]|a{1,2}\PN*[^a]{1,2}[ab]		no
\pL(?-i:[^a]{2}[^a]Aa+?)[ab]|a{1,2}\PN*[^a]{1,2}[ab]	{bb\naAb	yes
b{2,}(?:[^a]{2}){1,2}($[^\n][ab]|a[^\n]){1,3}?	 -_Éc	no
b{2,}(?:[^a]{2}){1,2}($[^\n][ab]|a[^\n]){1,3}?	-ÉaAÉbα	no
(?s:(?:\db(?:\.|.+[^a]cé)))a*?	cc\ncA1A	no
(?s:(?:\db(?:\.|.+[^a]cé)))a*?	AÉcA	no
c{0,3}|(cA(?s:([^]a]+?|[^a]🐱{2}[ab]){0}\101){2}A|(?:\.[^a].)\101)\.(?:[^a]{0,3}[^b-z])	bbA	yes
c{0,3}|(cA(?s:([^]a]+?|[^a]🐱{2}[ab]){0}\101){2}A|(?:\.[^a].)\101)\.(?:[^a]{0,3}[^b-z])	Ac1B bbÉ]	yes
.|[ab](c??([ab]+?|[\d.]))	acAcbA.b	yes
.|[ab](c??([ab]+?|[\d.]))	 bαc	yes
Aa[ab]	abBA]-A	no
Aa[ab]	{	no
\.?A*?(?i:((?:a|[ab]+\Wa[ab])*?a\D)+?|(a.{0,3}(?:[^]a]{1,2}|\w)))	🐱aa-A AAA	yes
\.?A*?(?i:((?:a|[ab]+\Wa[ab])*?a\D)+?|(a.{0,3}(?:[^]a]{1,2}|\w)))	éA_c	yes
(A{2,}[ab]){2}[a-c](?i:(?:[ab]{2,}(a{0,3}|[a-]c[\p{Greek}b])[^a][a-]{1,3}?)[ab])	aca	no
(A{2,}[ab]){2}[a-c](?i:(?:[ab]{2,}(a{0,3}|[a-]c[\p{Greek}b])[^a][a-]{1,3}?)[ab])	\nzcc 	no
(\PN)\.a\.|Ac	cABA	no
(\PN)\.a\.|Ac	-ccb\n	no
\D?(?im-s:A){2,}A*?|(?s:a*)	bαc{	yes
\D?(?im-s:A){2,}A*?|(?s:a*)	\n É.cAAz	yes
\.{1,2}	c-\n	no
\.{1,2}	bAcé Ω	no
c[\p{Greek}b]*|aA	bbbB	no
c[\p{Greek}b]*|aA	bcabAzAbA	yes
b	za	no
b	Ω]Aa	no
a	Ac{ 	no
a	aabc1	yes
\p{^L}(?im-s:(\nA[ab](?:b))){2}\pL{0,3}	.z a	no
\p{^L}(?im-s:(\nA[ab](?:b))){2}\pL{0,3}	ba	no
(A\.??[\d.]\Qa.b\E{1,3}?){1,3}?a(?im-s:[ab]((?-i:a{0}a*[ab]+?a)aa{,2}){2}(?:A{2,})b*?)*?[^a]??	b	no
(A\.??[\d.]\Qa.b\E{1,3}?){1,3}?a(?im-s:[ab]((?-i:a{0}a*[ab]+?a)aa{,2}){2}(?:A{2,})b*?)*?[^a]??	]acé\n	no
[ab]A{1,2}	1AéAα_éb	no
[ab]A{1,2}	_ccAbA1bb	yes
(?:a\D(?:b)??|(\.\.){2,})+?((?:ba{0}.|\.)(?i:a\Qa.b\E*?)[^a]{1,2}b)	_🐱bb{éccA	no
(?:a\D(?:b)??|(\.\.){2,})+?((?:ba{0}.|\.)(?i:a\Qa.b\E*?)[^a]{1,2}b)		no
([^a]{0,3})\A	acAb-bA	yes
([^a]{0,3})\A	bAAAa1B	yes
b[[:alpha:]]	bAc	yes
b[[:alpha:]]	A_	no
.\pL[^a]	ααb-	yes
.\pL[^a]	_.A	no
[ab]{2,}[ab]$	zΩ	no
[ab]{2,}[ab]$	cαécAA	no
\p{^L}	abA	no
\p{^L}	é cA	yes
[^b-z]|b[ab].?[ab]	]αz	yes
[^b-z]|b[ab].?[ab]	cαAc	yes
[^a]aa*	aaÉ🐱🐱 Aaé	yes
[^a]aa*	BcBA{BaA	yes
\101(?im-s:(?:(?i:A{2}A[^\n]+?)|(?:b\.\.{2}.??)(?:bb??[^a]A)))[^a]*	{	no
\101(?im-s:(?:(?i:A{2}A[^\n]+?)|(?:b\.\.{2}.??)(?:bb??[^a]A)))[^a]*	bAc.c	no
[ab]?(A.+c)*?[^a]+?\.{0,3}	bc	yes
[ab]?(A.+c)*?[^a]+?\.{0,3}	AaAcα]ac	yes
a\101		no
a\101	🐱_Ébc	no
\B[[:alpha:]]\B	béc	no
\B[[:alpha:]]\B	a\naA]bαAc	no
[^a]{0}b+?	abc-	yes
[^a]{0}b+?	Ab{Ωab_é	yes
[a-]{0}A{0}([^a]*|\101(?:\pLc|(a.{1,2}A{2,}){0}[ab]\B)A)	c ]\na	yes
[a-]{0}A{0}([^a]*|\101(?:\pLc|(a.{1,2}A{2,}){0}[ab]\B)A)	cÉ\n-c._	yes
.|.\pL(?:\.\Wb{1,2}|b*)	A	yes
.|.\pL(?:\.\Wb{1,2}|b*)	aαbzaab 	yes
\.A	baA	no
\.A	AaAbΩacc	no
b	 cbAAac-{	yes
b	b-baÉc	yes
(?-i:aA\.|ca{1,3}?)[ab]{1,2}[^[:digit:]]c{1,2}	Éacébcb1	no
(?-i:aA\.|ca{1,3}?)[ab]{1,2}[^[:digit:]]c{1,2}	\ncbb🐱1\né	no
a+|[a-].[^a]c	ΩA{bb	no
a+|[a-].[^a]c	bA	no
ac+A	b  zac	no
ac+A	bccaab	no
(a{2,})c[^b-z][\p{Greek}b]	a.cbA]a	no
(a{2,})c[^b-z][\p{Greek}b]	b_bbbBccA	no
(?:c*)	\nb aab	yes
(?:c*)	.a\nA	yes
a((?:([ab][ab]Ab{2,})\wa+?|(?:a\PNa[^a]{0,3}|[^a]+))+?)	]	no
a((?:([ab][ab]Ab{2,})\wa+?|(?:a\PNa[^a]{0,3}|[^a]+))+?)	 aa	no
[[:alpha:]]a{1,2}	cc{αA	no
[[:alpha:]]a{1,2}	.1]bcΩ	no
\..\d?	A{c	no
\..\d?	\na]	no
b\D{1,3}?c??	bcbA{1aa	yes
b\D{1,3}?c??	{.cαcÉαa	no
b.|(?m:\.\.*.c)[a-](?:([^[:digit:]]a)[ab])	abb	yes
b.|(?m:\.\.*.c)[a-](?:([^[:digit:]]a)[ab])		no
a.[^a]	baAAa	yes
a.[^a]	🐱Aa	no
.🐱{0,3}	-aBzb	yes
.🐱{0,3}	\nÉc_bAc	yes
(?s:(?im-s:(?m:A+.+.)b.\p{^L})(?:\.|(?im-s:\x{e9}\.)([^\n]c[à-ÿ]a){2,}\x{e9}A??)a+b)A+?	baAaéa	no
(?s:(?im-s:(?m:A+.+.)b.\p{^L})(?:\.|(?im-s:\x{e9}\.)([^\n]c[à-ÿ]a){2,}\x{e9}A??)a+b)A+?		no
b\pL{1,2}	acabc\naA	yes
b\pL{1,2}	 {a1-]cΩA	no
(A[^a]){0}.*[^b-z]|b	B]cé	yes
(A[^a]){0}.*[^b-z]|b		no
\A[^a]*?	αα	yes
\A[^a]*?	a]b Ac	yes
A^c		no
A^c		no
\.[ab]|(?i:[\p{Greek}b]\.)(?im-s:(bA{2,}.{0}|a){2}(?-i:[\d.])b\Qa.b\E){0}\D	.BAaAbz	no
\.[ab]|(?i:[\p{Greek}b]\.)(?im-s:(bA{2,}.{0}|a){2}(?-i:[\d.])b\Qa.b\E){0}\D	Aα.αzaza	yes
.(?:.[^b-z](?:\pL{0,3}[ab]+\Qa.b\E|(\B\.{1,3}?a)*?)??[à-ÿ]{1,2})|\D\PN[ab]	b{cccb	yes
.(?:.[^b-z](?:\pL{0,3}[ab]+\Qa.b\E|(\B\.{1,3}?a)*?)??[à-ÿ]{1,2})|\D\PN[ab]	AcbbcabA]	yes
\.	ccéacc	no
\.	_A-a..c	yes
\waa|A+?	bb_{	no
\waa|A+?	🐱cAαzaA	yes
{bA	b	no
{bA	A🐱AAAacb🐱	no
A[^a]	céaαaAαé	yes
A[^a]	c éA	no
a(?:b?(c.{0}(?-i:c.A\.+)??A+)|(\.))+	cB  	no
a(?:b?(c.{0}(?-i:c.A\.+)??A+)|(\.))+	É🐱	no
[ab](?im-s:(?-i:\.(?im-s:.{1,2}{|[ab].{0}.)(?i:\x{e9}[^]a]{1,2}\.[ab])))|.A{2,}[[:alpha:]]c+?	 	no
[ab](?im-s:(?-i:\.(?im-s:.{1,2}{|[ab].{0}.)(?i:\x{e9}[^]a]{1,2}\.[ab])))|.A{2,}[[:alpha:]]c+?	azbc	no
(?m:[^a](?:.{0,3}[ab](?:.+|c)c?)\pL|\n){1,2}|b{2}	bbcÉ	yes
(?m:[^a](?:.{0,3}[ab](?:.+|c)c?)\pL|\n){1,2}|b{2}	Ab{z	yes
(?im-s:(a)??[a-])+?\.{0}	Acac	yes
(?im-s:(a)??[a-])+?\.{0}	AA	yes
(?:(?:(?s:[a-c]\w)?|[^a]?[a-c]\x{e9}\101){)(?im-s:(?i:([^a])+?[a-c]|(?im-s:\D)[ab])a{0,3}.){1,3}?b	acAcbA	no
(?:(?:(?s:[a-c]\w)?|[^a]?[a-c]\x{e9}\101){)(?im-s:(?i:([^a])+?[a-c]|(?im-s:\D)[ab])a{0,3}.){1,3}?b	Éacb\nc	no
A{0}[a-]{1,3}?[^a]|(?s:(?i:\z[^[:digit:]]|[^a]{2})??|\.aAA)	c_ac	yes
A{0}[a-]{1,3}?[^a]|(?s:(?i:\z[^[:digit:]]|[^a]{2})??|\.aAA)	éaab	yes
(?i:é+c\W)	a	no
(?i:é+c\W)	A	no
\Qa.b\E\.\.		no
\Qa.b\E\.\.		no
a\x41\x{e9}	 b	no
a\x41\x{e9}	Ab	no
(\w[^a]*(\x41\.))\.[ab]*?[^b-z]	]c	no
(\w[^a]*(\x41\.))\.[ab]*?[^b-z]	aca	no
\.{1,3}?\.\pL*?|\.A{0}A.	cc	no
\.{1,3}?\.\pL*?|\.A{0}A.	aA]bzaazc	no
[\d.]	zbacΩ	no
[\d.]	bc	no
\z(((?im-s:b{0})cb)a{0})[à-ÿ]{1,2}\w*	Ωαbb_zccA	no
\z(((?im-s:b{0})cb)a{0})[à-ÿ]{1,2}\w*	ΩaÉbbb	no
b	1éAa{AA	no
b	bbaA.	yes
b??a(\.??\w{1,3}?)|[[:alpha:]]{0,3}AA[^a]	caaAA	yes
b??a(\.??\w{1,3}?)|[[:alpha:]]{0,3}AA[^a]	Ab	no
a|[\d.]		no
a|[\d.]	zbB-	no
(?i:c+?)[ab](b*?a|[ab][ab]\.(?:(?:A[ab]Ab{0})(?-i:\Aa{,2}\x41)[a-]{2,}[]a]))	c.a	no
(?i:c+?)[ab](b*?a|[ab][ab]\.(?:(?:A[ab]Ab{0})(?-i:\Aa{,2}\x41)[a-]{2,}[]a]))	AABbbB🐱A	no
(?:[^a]|(?s:(?:\W|\p{^L})\pL[^a]+?\w)[a-]*?\.)??	baaΩΩb	yes
(?:[^a]|(?s:(?:\W|\p{^L})\pL[^a]+?\w)[a-]*?\.)??	\ncaa	yes
.\d{0,3}|\x{e9}\d	ΩΩb	yes
.\d{0,3}|\x{e9}\d	c	yes
(\zA[a-]((\z)|\.a\.+?(\.\p{^L}|.)?))|\.*?[^a]?[ab]	a	yes
(\zA[a-]((\z)|\.a\.+?(\.\p{^L}|.)?))|\.*?[^a]?[ab]	Éa	yes
[^a]{1,2}(?:\A\.+[à-ÿ]+){1,2}\.		no
[^a]{1,2}(?:\A\.+[à-ÿ]+){1,2}\.	babAc	no
b|[[:alpha:]][ab](?:a+|[^a](b\.)(?-i:\.){1,3}?){0,3}	ccAc	no
b|[[:alpha:]][ab](?:a+|[^a](b\.)(?-i:\.){1,3}?){0,3}	a_é 	no
\p{^L}([^a]){2,}	a]Aa	no
\p{^L}([^a]){2,}	.c	no
([ab].)(é(?s:a.\pL[ab])A[^a])[ab]	ébAczc	no
([ab].)(é(?s:a.\pL[ab])A[^a])[ab]	Aacb._c	no
\p{^L}c	z	no
\p{^L}c	ba	no
A[[:alpha:]](?:(?s:\PN{2}b)??c{0}[]a]*(?-i:cA))a{0,3}		no
A[[:alpha:]](?:(?s:\PN{2}b)??c{0}[]a]*(?-i:cA))a{0,3}	b \nAÉ	no
.(?:(?-i:c|[ab][^[:digit:]](?:\.+?\.\.+)??){2,}A{2}\dc*?)(?:[^]a]c{1,2}[^[:digit:]])[ab]	caBb🐱α z	no
.(?:(?-i:c|[ab][^[:digit:]](?:\.+?\.\.+)??){2,}A{2}\dc*?)(?:[^]a]c{1,2}[^[:digit:]])[ab]	Ω_	no
[^a]{1,2}[^a]	🐱AAcb	yes
[^a]{1,2}[^a]	b-b	yes
é[^a]{2}	bbBc🐱🐱A	no
é[^a]{2}	αaaαAba	no
\w	Ω.1	yes
\w	aαz{1AA]b	yes
é	a-c	no
é	ba	no
[[:alpha:]][^b-z]*\p{^L}	AAzA{	yes
[[:alpha:]][^b-z]*\p{^L}	AéAaé	no
(?-i:b{0}A{1,2}\.+[^a]|A){1,3}?.\n($[\d.]((?m:\z|Ac)b|(c*?.))[ab])*?	É	no
(?-i:b{0}A{1,2}\.+[^a]|A){1,3}?.\n($[\d.]((?m:\z|Ac)b|(c*?.))[ab])*?	cÉΩA	no
(\.(?-i:(?m:[^a]c|.[^]a]+\b.{2,})\.a(a{,2}\D){1,2})|(?:[a-c]{0,3})a){0,3}a	Éb]ac🐱caa	yes
(\.(?-i:(?m:[^a]c|.[^]a]+\b.{2,})\.a(a{,2}\D){1,2})|(?:[a-c]{0,3})a){0,3}a		no
(\pL[\p{Greek}b][a-c]|a){0}|[a-].(?:a[^a])	a{z{a\n-Éa	yes
(\pL[\p{Greek}b][a-c]|a){0}|[a-].(?:a[^a])	{Abaacc	yes
[\d.][ab]((?:[ab]{0}c\Qa.b\E)?[^a][\d.]{0}|b??\.A)|A(?:[^]a])	babΩb🐱	no
[\d.][ab]((?:[ab]{0}c\Qa.b\E)?[^a][\d.]{0}|b??\.A)|A(?:[^]a])	BabcA a.b	yes
\.\.[^a]\p{^L}	ΩAbb1 	no
\.\.[^a]\p{^L}	aaÉbÉ ab	no
(?s:AA*)([à-ÿ]*[^a]\z\A|\PN)	bAA aB{ba	yes
(?s:AA*)([à-ÿ]*[^a]\z\A|\PN)	Ωc-bA	no
b		no
b	{c-z	no
(?m:b(?:(.|[ab]{2})?)|ca){1,3}?a	Ωα{\na_	no
(?m:b(?:(.|[ab]{2})?)|ca){1,3}?a	_1ab	no
\.(?:(?:[^a](?:[^b-z]\bbb{2}).*)|{)cA{0}|(?i:.+(?-i:(?:A){2}))\.{2}c	.bb	no
\.(?:(?:[^a](?:[^b-z]\bbb{2}).*)|{)cA{0}|(?i:.+(?-i:(?:A){2}))\.{2}c		no
\.+?🐱	-	no
\.+?🐱	-c🐱	no
[\p{Greek}b]{1,2}	ΩBcaA	yes
[\p{Greek}b]{1,2}	A	no
a\.|A[ab]	.baabΩa	no
a\.|A[ab]	αaΩbaaaA]	no
(?:b)	accaαÉα \n	no
(?:b)		no
c\.\p{^L}		no
c\.\p{^L}	a AbbaA_	no
b(?-i:(?:c(🐱\pLb)*?(?s:a*[ab]))a{,2}(c(?-i:[^b-z]+?.)){1,2}){2,}	]	no
b(?-i:(?:c(🐱\pLb)*?(?s:a*[ab]))a{,2}(c(?-i:[^b-z]+?.)){1,2}){2,}	bab	no
(\.{2,}|(?-i:(?im-s:[[:alpha:]]{2,}[^a])*?[]a]A).+)?c[ab]	\n .ac	no
(\.{2,}|(?-i:(?im-s:[[:alpha:]]{2,}[^a])*?[]a]A).+)?c[ab]	cA🐱	no
\.|b\101{1,3}?\.		no
\.|b\101{1,3}?\.	A{c	no
b[ab]a	Ac	no
b[ab]a	cAaa	no
ab|a	]a1	yes
ab|a	A-1cacA	yes
(ab|[^a]+)	ab	yes
(ab|[^a]+)	.z	yes
{(\.*?(?:a.|b{0,3}(?:^A{[\p{Greek}b]|[a-]{0,3}A\.{0,3}){1,2}(?:a{,2}🐱[^b-z]{0}[a-c]){1,2})??).{1,2}	acAcbA	no
{(\.*?(?:a.|b{0,3}(?:^A{[\p{Greek}b]|[a-]{0,3}A\.{0,3}){1,2}(?:a{,2}🐱[^b-z]{0}[a-c]){1,2})??).{1,2}	aa	no
A[ab]Aa|A(?-i:é)*?(?:[^\n]{1,2})[a-c]	{1A.	no
A[ab]Aa|A(?-i:é)*?(?:[^\n]{1,2})[a-c]	écΩc	no
b\x{e9}|b(?i:[^a]\.){b	c	no
b\x{e9}|b(?i:[^a]\.){b		no
.{1,2}\w(?-i:(?i:(?s:b\W{1,2}){2,}(?:🐱\pL[ab].)(?-i:[^a]\.*)*?)(?m:\pL|b)){0,3}a		no
.{1,2}\w(?-i:(?i:(?s:b\W{1,2}){2,}(?:🐱\pL[ab].)(?-i:[^a]\.*)*?)(?m:\pL|b)){0,3}a	c	no
a.(?im-s:\.{2,}\.|(?:a.b{0,3}a*|b{0,3}[^\n]{1,2}(?m:.[a-c]{0,3}|b\Qa.b\EA[ab]?){1,3}?)){0,3}	bbc_1]	no
a.(?im-s:\.{2,}\.|(?:a.b{0,3}a*|b{0,3}[^\n]{1,2}(?m:.[a-c]{0,3}|b\Qa.b\EA[ab]?){1,3}?)){0,3}	a	no
(a\pL)(?im-s:((?:\.)\Wa)[a-c](?-i:(?im-s:c[^a])c+?A{1,3}?))[^a]*?c	 	no
(a\pL)(?im-s:((?:\.)\Wa)[a-c](?-i:(?im-s:c[^a])c+?A{1,3}?))[^a]*?c	cc \nΩBzA🐱	no
\pL|[^b-z]{1,2}A\.	Ac	yes
\pL|[^b-z]{1,2}A\.	cc	yes
(?im-s:(aAa(?i:b\B[à-ÿ]))A)a{1,2}|[ab](?:\.*(?-i:.c\.{0}(b)|[^a]{2}){1,3}?)?c	Éccccc🐱🐱	no
(?im-s:(aAa(?i:b\B[à-ÿ]))A)a{1,2}|[ab](?:\.*(?-i:.c\.{0}(b)|[^a]{2}){1,3}?)?c	\nba🐱ÉAcb.	no
A[]a]+?A{2}\p{^L}|\.	🐱Aa Ac 	no
A[]a]+?A{2}\p{^L}|\.	cAcA_aza	no
(?:[ab]\A(?-i:[ab]\n[ab][ab]{0})+\.)(?:\.[[:alpha:]]*?.)(a+(?i:A[^a]){0}a{,2}\d{0,3}|c[^\n])\pL	c{cbbb 	no
(?:[ab]\A(?-i:[ab]\n[ab][ab]{0})+\.)(?:\.[[:alpha:]]*?.)(a+(?i:A[^a]){0}a{,2}\d{0,3}|c[^\n])\pL	{{Abb.bb	no
\nA*		no
\nA*	AaA	no
b?|A(?i:(?:(?-i:[^b-z])\.|(A{2}[a-]c)a+?(c[ab])+(?-i:[\p{Greek}b]\p{^L}|a{2,})))(a{1,2}\D){2}	AAacAb	yes
b?|A(?i:(?:(?-i:[^b-z])\.|(A{2}[a-]c)a+?(c[ab])+(?-i:[\p{Greek}b]\p{^L}|a{2,})))(a{1,2}\D){2}	.AAb	yes
([ab](?:cA|\.{0}.?([^a]a+b)+?))\W?[^a]\pL|(?im-s:[ab]|[^\n]){0,3}	αA_Éα	yes
([ab](?:cA|\.{0}.?([^a]a+b)+?))\W?[^a]\pL|(?im-s:[ab]|[^\n]){0,3}	b🐱Acc_aa	yes
A??b	ca.a b	yes
A??b	aA ]b\nc	yes
\.\x{e9}\.\D|é(?:\D(.\.(?:\D*[]a]+?)))\b[^]a]	cc Ωbb.]a	no
\.\x{e9}\.\D|é(?:\D(.\.(?:\D*[]a]+?)))\b[^]a]	Abbαb bc	no
((\.[\p{Greek}b](?im-s:[^b-z]{1,3}?[^\n]ca|[^a]+Aa{,2}\A)*(?:[^a]*[a-]a{0}|[^a]{1,3}?\Qa.b\E{0,3}[ab]))){2}		no
((\.[\p{Greek}b](?im-s:[^b-z]{1,3}?[^\n]ca|[^a]+Aa{,2}\A)*(?:[^a]*[a-]a{0}|[^a]{1,3}?\Qa.b\E{0,3}[ab]))){2}	cAaa1c1c	no
\x41??(b{2}|c*?)	cAaA b	yes
\x41??(b{2}|c*?)	{Ωc🐱🐱Ba	yes
é{2}\x{e9}[ab]\W*?|(?im-s:[ab]A\Qa.b\E|[ab]??)	cc	yes
é{2}\x{e9}[ab]\W*?|(?im-s:[ab]A\Qa.b\E|[ab]??)	cA	yes
c|a	abb1BaA🐱a	yes
c|a	c🐱Ab	yes
c	c]	yes
c	bba	no
[ab]a\101*?	É	no
[ab]a\101*?	ba	yes
éc	aA]Aacc	no
éc	bbzAAÉ	no
[^a]	bc{b{1.	yes
[^a]	b_bαcα	yes
Ab{1,2}[ab](?:ac{2}((\.??|[]a]b)[^a](\.+?)|\.)+?.){2,}	aa	no
Ab{1,2}[ab](?:ac{2}((\.??|[]a]b)[^a](\.+?)|\.)+?.){2,}	bbaAA	no
[^[:digit:]]	aÉAAbAA	yes
[^[:digit:]]		no
(?i:(?:[a-c][^a])([]a]{2}b+?))(?-i:A[^a]b){1,2}	AcAcécé	no
(?i:(?:[a-c][^a])([]a]{2}b+?))(?-i:A[^a]b){1,2}	aA.	no
.[ab]	B	no
.[ab]	cz\n	no
(?:(A[^a][^a])\101\.*.){2}[ab]([[:alpha:]]\b)*	é	no
(?:(A[^a][^a])\101\.*.){2}[ab]([[:alpha:]]\b)*	abc🐱_Acc	no
\A.[^a](?im-s:b[ab][^a])	B-AΩAAc	no
\A.[^a](?im-s:b[ab][^a])	.-	no
a|\Qa.b\E*?	c	no
a|\Qa.b\E*?	α.	no
[ab][^a]^	_αab	no
[ab][^a]^	🐱c{cba{c	no
[^a]{2}|c	aAAbb.	yes
[^a]{2}|c	czÉcac🐱a	yes
[^b-z](?i:[]a]a\pL+?[^a]|\W){2}	Abbα	no
[^b-z](?i:[]a]a\pL+?[^a]|\W){2}	_🐱1-aaa\n.	yes
\.(\.[]a])\101{0,3}	bb	no
\.(\.[]a])\101{0,3}	a.éé	no
(a{2})??|c*	ÉAA]b	yes
(a{2})??|c*	{_c	yes
\Qa.b\E[^]a]+|(?:\n??a{0}[]a])	\n-z Ac_	no
\Qa.b\E[^]a]+|(?:\n??a{0}[]a])	Aa	yes
b	bBac🐱a	yes
b	aé	no
\b[^a]	AAα\nb	yes
\b[^a]	-	no
(\.??([\p{Greek}b]\Qa.b\E)\B[^a])a+	bAAc	no
(\.??([\p{Greek}b]\Qa.b\E)\B[^a])a+		no
bcb+	\naccba	no
bcb+	AacaαA	no
(?:(?i:[ab]*)a{,2}\Qa.b\E{0,3})|\pL\.	.bA	no
(?:(?i:[ab]*)a{,2}\Qa.b\E{0,3})|\pL\.	bAAÉa_Aba	no
(\.(?im-s:(?:[^a]\d[^[:digit:]]{2}A{0})(?:[^a]é\PN)+?c{0,3}[ab]){1,3}?)\d*[ab]|(?-i:.c+){0}	éAbé	yes
(\.(?im-s:(?:[^a]\d[^[:digit:]]{2}A{0})(?:[^a]é\PN)+?c{0,3}[ab]){1,3}?)\d*[ab]|(?-i:.c+){0}	céab{abc	yes
^\x41{1,3}?b*?	c{1A	no
^\x41{1,3}?b*?	c]BÉz-	no
b	]αBBBb\nA	yes
b	a]cb1c Ac	yes
(([[:alpha:]]))[à-ÿ]*(?s:.A\Qa.b\E{)	cbaéb	no
(([[:alpha:]]))[à-ÿ]*(?s:.A\Qa.b\E{)	bzÉc	no
[]a](?:(?:[^\n])+?.cc)\.((A){2}[^a]|a[à-ÿ](?m:a{1,2}\x41[ab]{|([ab]|Aa{,2}\.\n{2,}){2,})c{2})	zc🐱aBΩA	no
[]a](?:(?:[^\n])+?.cc)\.((A){2}[^a]|a[à-ÿ](?m:a{1,2}\x41[ab]{|([ab]|Aa{,2}\.\n{2,}){2,})c{2})	bbAbb1b	no
(?:é[^a]|a{1,2}.\A)*\x41(?:[ab]{0,3}c.|é[[:alpha:]]\x{e9})		no
(?:é[^a]|a{1,2}.\A)*\x41(?:[ab]{0,3}c.|é[[:alpha:]]\x{e9})	-αbébaéaé	no
(?:[a-]|\A[ab]+)*(?m:A)	Aα🐱É AcÉα	yes
(?:[a-]|\A[ab]+)*(?m:A)	a	no
(?:A)	c]a_	no
(?:A)		no
.{1,2}[\p{Greek}b](?i:[ab][^a]){2}[ab]	caabéba\nÉ	no
.{1,2}[\p{Greek}b](?i:[ab][^a]){2}[ab]		no
c.(b\.\B){1,2}(\.)*?	-A]]é_.-	no
c.(b\.\B){1,2}(\.)*?	αbaΩ{	no
[a-][[:alpha:]](A*b)	α🐱abaAAAc	no
[a-][[:alpha:]](A*b)	cbAÉ	no
[^a]{1,2}\.*?b	bAcΩ_b	yes
[^a]{1,2}\.*?b	bA.αaa	no
é	.c	no
é	czBb1aA🐱	no
\.|((?-i:\101[^a](?i:\x{e9}A+|A+a{0})(é{1,2}bAa|🐱[ab]{2}){2})\x41{2,}a?(?:(?:[^a]+b{1,2}[^a]A)){0,3})		no
\.|((?-i:\101[^a](?i:\x{e9}A+|A+a{0})(é{1,2}bAa|🐱[ab]{2}){2})\x41{2,}a?(?:(?:[^a]+b{1,2}[^a]A)){0,3})	AcabA	no
.(?:{)(?i:A[^a]{0}c){2,}|\wA	cÉA\na1c	no
.(?:{)(?i:A[^a]{0}c){2,}|\wA		no
(?i:\.A)*?	-é	yes
(?i:\.A)*?	b\nΩBÉbaα-	yes
\PN🐱	aA{]🐱αc	yes
\PN🐱		no
[^a]	Aca1aAB1b	yes
[^a]	c. c1cca	yes
(?:a{,2}((?i:.){2,})|.+?)+b|\.[\p{Greek}b]{2,}{(a{,2}\.[^\n]|(?-i:(\.??b*|b))??)	Aa	no
(?:a{,2}((?i:.){2,})|.+?)+b|\.[\p{Greek}b]{2,}{(a{,2}\.[^\n]|(?-i:(\.??b*|b))??)	αbÉb{ac	yes
A	Éaa.	no
A		no
a{,2}(?im-s:.?)*?|$	cc	yes
a{,2}(?im-s:.?)*?|$	b🐱é_éB	yes
c.A	A_A🐱	no
c.A	bab	no
[ab]|\.?((?:a{,2}(?:[^a]|.[\d.]a\.)*?(?-i:\A[^a]c|[^a]\pL{0,3}[ab])|.(\Qa.b\E{2}))c{1,2})	aAAAébA]	yes
[ab]|\.?((?:a{,2}(?:[^a]|.[\d.]a\.)*?(?-i:\A[^a]c|[^a]\pL{0,3}[ab])|.(\Qa.b\E{2}))c{1,2})	AbAbAbbb	yes
(.{2}A+?[^a]|[\p{Greek}b]*c)	acb{Ac{ b	yes
(.{2}A+?[^a]|[\p{Greek}b]*c)	cα11A🐱A	yes
\..^	éαac	no
\..^	bΩ	no
c{.A		no
c{.A	Éébaαcb	no
.{	AAαb	no
.{	._Ab	no
[^a](?i:c{1,3}?.[^b-z]a+)\.|(?:c[^a]A)[^\n]{1,2}[ab]	 ]_A🐱{c	no
[^a](?i:c{1,3}?.[^b-z]a+)\.|(?:c[^a]A)[^\n]{1,2}[ab]	b c]{b	no
\w?Ac|(c\.A??){1,3}?(?i:aé\.|A)(é{0,3}(?i:c{2,}(?s:$a+?c)[ab]|\..{2}){0}a{,2}\101){1,3}?[^\n]	b	no
\w?Ac|(c\.A??){1,3}?(?i:aé\.|A)(é{0,3}(?i:c{2,}(?s:$a+?c)[ab]|\..{2}){0}a{,2}\101){1,3}?[^\n]	 A\n-]é	no
a{1,2}a	ÉA	no
a{1,2}a	Ω	no
[ab]+A|\.\x{e9}AA{0,3}	cÉazAbAc	yes
[ab]+A|\.\x{e9}AA{0,3}	{zΩ{b{cb	no
[ab]a[^]a]\x41	aΩA	no
[ab]a[^]a]\x41	AΩÉAc\n	no
(?s:\.|[^[:digit:]](?:A\p{^L}\n{1,2}|\pL??)c.){2,}a|(?:aA)[^a]cc{1,3}?	bΩac__b	no
(?s:\.|[^[:digit:]](?:A\p{^L}\n{1,2}|\pL??)c.){2,}a|(?:aA)[^a]cc{1,3}?	aaΩa	no
\.\D\D	baAA	no
\.\D\D	AzAAbbzA	no
[ab]{0,3}\x{e9}(?:[^a])(?:([\p{Greek}b](?im-s:a{,2}\..[^a]+|.c??)*?[[:alpha:]]?🐱|\D)){0,3}	cc.a	no
[ab]{0,3}\x{e9}(?:[^a])(?:([\p{Greek}b](?im-s:a{,2}\..[^a]+|.c??)*?[[:alpha:]]?🐱|\D)){0,3}	cacacA	no
A(?s:b|(?:[a-c]{2,}).)??(?-i:(?im-s:(?im-s:c\PN)c(?-i:[ab]*?[ab]+?|ba+))*?(a\W|🐱.(b{1,2}b.[^a]+)??[ab]*?))	AB1ca	no
(?m:(?i:([^a]\W|\p{^L})b)??🐱\A)|[\d.]{1,3}?[^a]	bc]1{Abb	yes
(?m:(?i:([^a]\W|\p{^L})b)??🐱\A)|[\d.]{1,3}?[^a]	Ω	no
c{2}[ab]+[^a][\p{Greek}b]+?	-	no
c{2}[ab]+[^a][\p{Greek}b]+?	aAé1c c.c	no
(?-i:(?-i:(.[^a][\d.][\d.]{2,}){1,3}?(?:.A\.)c(?:.{2})){0,3})([[:alpha:]]*)\n?	-é	yes
(?-i:(?-i:(.[^a][\d.][\d.]{2,}){1,3}?(?:.A\.)c(?:.{2})){0,3})([[:alpha:]]*)\n?	αA	yes
[ab]|(?:(\.(?:b).a{,2}|c(?-i:\p{^L})+A{2})(?s:\Aa{,2})??b)	-ba._-c	yes
[ab]|(?:(\.(?:b).a{,2}|c(?-i:\p{^L})+A{2})(?s:\Aa{,2})??b)	-AcααAb-	yes
(c{1,2}|(?-i:[\d.]*a{0}[ab]|(\W[^a]*?\n[^a]?|a\D))(?i:(c))A)A[[:alpha:]]\n{1,3}?	-acα	no
(c{1,2}|(?-i:[\d.]*a{0}[ab]|(\W[^a]*?\n[^a]?|a\D))(?i:(c))A)A[[:alpha:]]\n{1,3}?	]	no
(?s:b(?:.\.*?a{,2}[^a]{2})[ab]{2,})b(((?s:c[^a])))[^\n]+|[à-ÿ]{0,3}c	bAÉ🐱	no
(?s:b(?:.\.*?a{,2}[^a]{2})[ab]{2,})b(((?s:c[^a])))[^\n]+|[à-ÿ]{0,3}c	c{AéB🐱	yes
a{,2}[^a](?im-s:Ab)	{Aa\n	no
a{,2}[^a](?im-s:Ab)	ccA]aaaAA	no
[^a]A	bB_\nc	no
[^a]A	b\nb1	no
(?m:((?:\Qa.b\E*?|[\d.]{0}.[]a]b))[^a]\pL*?\.{1,3}?)	cbbcabA	no
(?m:((?:\Qa.b\E*?|[\d.]{0}.[]a]b))[^a]\pL*?\.{1,3}?)	αb	no
.(a\pL[ab](?m:[^a]\.[^a].+))	]aB1	no
.(a\pL[ab](?m:[^a]\.[^a].+))	Aaa	no
\.bA{0,3}(b.*?|[ab]{2}c)|[ab]{1,2}		no
\.bA{0,3}(b.*?|[ab]{2}c)|[ab]{1,2}	Éb	yes
c*A??|((?:[ab])b)??[ab]+?	]{a a{cÉ	yes
c*A??|((?:[ab])b)??[ab]+?	aA_	yes
a(?:[\p{Greek}b]{2,}[\d.]|b[^a]{0,3}(?:\.{1,2}[ab]{2,}(?s:[à-ÿ][^a]+?b{0,3})(?:\101..)|a+))	]Éca-	no
a(?:[\p{Greek}b]{2,}[\d.]|b[^a]{0,3}(?:\.{1,2}[ab]{2,}(?s:[à-ÿ][^a]+?b{0,3})(?:\101..)|a+))	α{bb.Ba	no
bA{0,3}	AAcABAacb	yes
bA{0,3}	_é	no
(?m:\n?){2}|(?-i:.{1,2}|A{1,2}[a-]{0}c[^a])??b{1,3}?\.(?im-s:\B(?s:(.|\.a[^[:digit:]])\PNb{2})*?[^]a])	AcAbazzAB	yes
(?m:\n?){2}|(?-i:.{1,2}|A{1,2}[a-]{0}c[^a])??b{1,3}?\.(?im-s:\B(?s:(.|\.a[^[:digit:]])\PNb{2})*?[^]a])	b  ccacA1	yes
a	AAaÉαÉbΩ	yes
a	A🐱bαb	no
b?	a	yes
b?	🐱\n .αaΩ c	yes
[a-]{2}(?-i:a[a-](?:\Qa.b\E[^a])+)*A*?	a	no
[a-]{2}(?-i:a[a-](?:\Qa.b\E[^a])+)*A*?	aB{{bAb🐱	no
\z|[^a]	ΩB]é{A1AB	yes
\z|[^a]		yes
b.[^a]		no
b.[^a]	A_	no
[\p{Greek}b]\101	αΩb1bc	no
[\p{Greek}b]\101	éaa{ab-b	no
[\d.]*(?:\w*[ab]|[ab]a)a{,2}|(?i:(?im-s:(A[^a]A)??bb)??){1,2}c.	aaaAAA	no
[\d.]*(?:\w*[ab]|[ab]a)a{,2}|(?i:(?im-s:(A[^a]A)??bb)??){1,2}c.	AAacAbbb	yes
\PN*?a|\p{^L}\A([a-c](\W{0})*)((?:A+?b)\.[à-ÿ]b+?)	aaz	yes
\PN*?a|\p{^L}\A([a-c](\W{0})*)((?:A+?b)\.[à-ÿ]b+?)	a	yes
(\Db{1,2})[ab](?:.*)b?	1]-c	no
(\Db{1,2})[ab](?:.*)b?	cAAzαcb_c	no
a+\.\Qa.b\E?	{bAéca.αA	no
a+\.\Qa.b\E?	ccAc	no
b	b{c-	yes
b	béa	yes
{	a_AcAba	no
{	_A	no
.		no
.	ac	yes
[\d.]{2}(([^a]){1,2}a{,2}[ab]🐱)[ab]?	A	no
[\d.]{2}(([^a]){1,2}a{,2}[ab]🐱)[ab]?	bαz-	no
.{0}b[\d.]		no
.{0}b[\d.]	aaÉ	no
c|[ab](\.)		no
c|[ab](\.)	bAczb b a	yes
(?:(?-i:\x{e9}aa).)[à-ÿ]{0}|(\pL+?\.*(\D(?:cb{2,}[^a]\.|\D)){1,2}(cA)?)\W(?:(?im-s:(?:A))A){0}A	ca	no
(?:(?-i:\x{e9}aa).)[à-ÿ]{0}|(\pL+?\.*(\D(?:cb{2,}[^a]\.|\D)){1,2}(cA)?)\W(?:(?im-s:(?:A))A){0}A	bAz🐱bΩ	no
a[^a]*?A	acab	no
a[^a]*?A	zaAb 	yes
\w{0}(?:.[^a][^a]??)	bbbaaÉ	yes
\w{0}(?:.[^a][^a]??)	🐱	no
(\W(?:\W|b)?a|(?:\p{^L}c)c\.)\A	b-c bbéb	no
(\W(?:\W|b)?a|(?:\p{^L}c)c\.)\A	aAz{αAc	no
\A\z[^a]*|\pL(?s:\.[ab]+\.(?i:(?:[^a]c{1,3}?){2}[^b-z](?-i:c\101|.[ab]+?a\D).{2}|ba{,2})+|a?c)[^a](?m:[ab])?	AAÉ	no
[\d.]*?	cccbbbbA	yes
[\d.]*?	cabAzAbAA	yes
A[ab].a	a	no
A[ab].a	Aba]abb ]	no
\p{^L}(?m:(?:(.*?\x{e9}[ab]|a[^a][^a][ab])){0}((a{1,2}\.)?[^a]([ab])))(\x41\n(🐱c*).{0}){0,3}		no
\p{^L}(?m:(?:(.*?\x{e9}[ab]|a[^a][^a][ab])){0}((a{1,2}\.)?[^a]([ab])))(\x41\n(🐱c*).{0}){0,3}	.	no
[^a]\n+\n+	A	no
[^a]\n+\n+	ab]a	no
([ab]bA?{|A*?(?:(a*)c\.([^\n])|[ab]🐱{2}(?i:\bA))b)	\n🐱A-a a_	no
([ab]bA?{|A*?(?:(a*)c\.([^\n])|[ab]🐱{2}(?i:\bA))b)	 bcbα-.{	no
.	b{zA	yes
.		no
bc	B\n\n1AzaA	no
bc	c	no
(A+?(?-i:(?m:bA{0}[^a]c??)??é{2,}ac){1,2})c🐱|A{2,}	🐱b{α-b.A	no
(A+?(?-i:(?m:bA{0}[^a]c??)??é{2,}ac){1,2})c🐱|A{2,}	 écbb	no
\PN*A+?a{2,}|{.{1,3}?\.?	αA]\n1a	no
\PN*A+?a{2,}|{.{1,3}?\.?		no
b??|(?s:(?-i:(?:\.?[\d.])*.){1,3}?[^a]|(?s:🐱a{,2}[^b-z]A))([ab](?im-s:a.{0}|\D)){0}.A	aaΩΩz	yes
b??|(?s:(?-i:(?:\.?[\d.])*.){1,3}?[^a]|(?s:🐱a{,2}[^b-z]A))([ab](?im-s:a.{0}|\D)){0}.A	bcaa{c	yes
([\p{Greek}b])|[à-ÿ][ab]*	cαccαAA	yes
([\p{Greek}b])|[à-ÿ][ab]*	ΩAbécbcéb	yes
🐱	bÉba\naΩbÉ	no
🐱	é_]	no
(?-i:ba{2}(?m:.(a+)[ab]).)\wb|\w?((?i:(.{2,}\.\.|b{2,})$|A+?)\x{e9}[^]a]|[^[:digit:]].)[^[:digit:]]	caΩ_b1A	yes
(?-i:ba{2}(?m:.(a+)[ab]).)\wb|\w?((?i:(.{2,}\.\.|b{2,})$|A+?)\x{e9}[^]a]|[^[:digit:]].)[^[:digit:]]	a_-{cBΩ1	yes
(?im-s:(?s:A))\.{2,}c|[^]a]\.[^b-z]{0}	ab.{acÉbc	yes
(?im-s:(?s:A))\.{2,}c|[^]a]\.[^b-z]{0}	acacb1c	no
(?-i:.+)(?:\Qa.b\E|\PN{1,3}?[ab]+\.[^a]){2}b\W	A_{c]bA	no
(?-i:.+)(?:\Qa.b\E|\PN{1,3}?[ab]+\.[^a]){2}b\W	{Aé	no
(?m:\z[à-ÿ]\.\.)[^a]\pL{2,}(?:A{2,}|.(?-i:[ab]*?[a-]{1,2}[^]a])\pL[ab])	cac🐱Bb_	no
(?m:\z[à-ÿ]\.\.)[^a]\pL{2,}(?:A{2,}|.(?-i:[ab]*?[a-]{1,2}[^]a])\pL[ab])	αbA	no
\A[ab]{1,2}\pL	 	no
\A[ab]{1,2}\pL	c_c🐱]]ÉΩ	no
(a(?s:[à-ÿ]{0,3}.[ab])+?\.)	ÉAb-	no
(a(?s:[à-ÿ]{0,3}.[ab])+?\.)	αac	no
b|\.{1,3}?A.b{0}	c]\nc	no
b|\.{1,3}?A.b{0}	b..🐱Ac	yes
[ab]\x{e9}	B	no
[ab]\x{e9}	AcAba	no
\.(?:c{1,3}?c)+?.	A\naΩAA c	no
\.(?:c{1,3}?c)+?.	c🐱zbcacaz	no
((\.+?[ab]{2}[ab])|a[^a]{0,3}[^b-z]{0,3}(?s:[ab][^b-z]))b+	bbca	no
((\.+?[ab]{2}[ab])|a[^a]{0,3}[^b-z]{0,3}(?s:[ab][^b-z]))b+	bc-	no
.{1,3}?{	cAcAcaa_	no
.{1,3}?{	AbaBa	no
c\b	Aa--Abéa	no
c\b	 baba	no
A\D{2,}\d{1,2}([\d.]|[à-ÿ](?im-s:A)((\p{^L}a.)*|[^a](?-i:b{1,3}?[ab]a)\z(\.\x41[a-])))	🐱	no
A\D{2,}\d{1,2}([\d.]|[à-ÿ](?im-s:A)((\p{^L}a.)*|[^a](?-i:b{1,3}?[ab]a)\z(\.\x41[a-])))	A_ c..a	no
[^a]	bé	yes
[^a]	A]bA	yes
A\.{1,2}[a-c]{1,3}?	{A\n.\nz1b	no
A\.{1,2}[a-c]{1,3}?	aaα-	no
a	abb	yes
a	cΩ]cA🐱Ω{	no
\b\x{e9}\x{e9}b*?|(?im-s:A|🐱??\.)*?\.?	a	yes
\b\x{e9}\x{e9}b*?|(?im-s:A|🐱??\.)*?\.?		yes
.??		yes
.??		yes
A+?[^a]|(b??[^a]\.\d??).+?b\D	cbAA.écαb	yes
A+?[^a]|(b??[^a]\.\d??).+?b\D	A	no
A	AcΩa{	yes
A	cΩ	no
[^a]\x41[^a]🐱{1,3}?	bA Aa	no
[^a]\x41[^a]🐱{1,3}?	a	no
\x41+?	Aα.α ccc	yes
\x41+?	é éb	no
A{1,2}|(?s:[à-ÿ]\.)(?:(?:ba.|(?:A{2}|[^]a]{0}c+?\d)))	ccAab	yes
A{1,2}|(?s:[à-ÿ]\.)(?:(?:ba.|(?:A{2}|[^]a]{0}c+?\d)))	bz	no
[[:alpha:]]a(?m:(?-i:(?m:[a-]\D[ab]|[^\n]{2}a.))[a-]*?)*[\p{Greek}b]	A\nΩ	no
[[:alpha:]]a(?m:(?-i:(?m:[a-]\D[ab]|[^\n]{2}a.))[a-]*?)*[\p{Greek}b]	a{A	no
\101{1,3}?	]ba]]αcAα	yes
\101{1,3}?	🐱 a]	no
.[ab](?:(?-i:(?-i:b[]a]*?))[^b-z]|[^a]c*?[^a]??([^[:digit:]]A[^a]))|\W*?[a-c]{2,}	bAΩ\naa🐱a	yes
.[ab](?:(?-i:(?-i:b[]a]*?))[^b-z]|[^a]c*?[^a]??([^[:digit:]]A[^a]))|\W*?[a-c]{2,}	c🐱ccbab	yes
aA(?:A\d\.{2}(?-i:aa){2,}|\x41?\d[^a]){1,3}?	b{\ncc	no
aA(?:A\d\.{2}(?-i:aa){2,}|\x41?\d[^a]){1,3}?	az]	no
[à-ÿ]{1,2}[^]a]	c	no
[à-ÿ]{1,2}[^]a]	α_AcΩcc	no
\z	abc1	yes
\z		yes
[ab]??[\d.]		no
[ab]??[\d.]	Aa]zAéΩc	no
A?\.\pL*c	c.1AÉ1b	no
A?\.\pL*c	.cbÉ]-Ba	yes
.??[a-]+A{2}A	bA{B	no
.??[a-]+A{2}A	baabBba	no
(c🐱(b\.{2}a|(A|\p{^L}[ab]a))(?m:(?m:\x{e9})??A{1,2}c)|A)[\p{Greek}b](?s:b??b(?:a[^a]))a|c(cc)+?.{1,3}?.		no
(c🐱(b\.{2}a|(A|\p{^L}[ab]a))(?m:(?m:\x{e9})??A{1,2}c)|A)[\p{Greek}b](?s:b??b(?:a[^a]))a|c(cc)+?.{1,3}?.	c	no
b\.	-abcbA]	no
b\.		no
\x{e9}a	Ébé	no
\x{e9}a	αab	no
[ab]{2}\W[à-ÿ]|b	a🐱cc{ \nαb	yes
[ab]{2}\W[à-ÿ]|b	cc abb	yes
\w+?[^a]|b	Ω	no
\w+?[^a]|b	AaaaAAA1b	yes
(aA[à-ÿ](?:[^[:digit:]]{0}(?-i:[ab][^a]?[^]a][\d.]){1,2}[^a])|(?:(?s:\Wc?[ab]\A|A*))[ab])+a+?	a🐱	no
(aA[à-ÿ](?:[^[:digit:]]{0}(?-i:[ab][^a]?[^]a][\d.]){1,2}[^a])|(?:(?s:\Wc?[ab]\A|A*))[ab])+a+?	-ccc	no
(?:A\d{1,2}[ab]{2}|[^a]\.?)	a-AcA	yes
(?:A\d{1,2}[ab]{2}|[^a]\.?)	b1\n	yes
[^[:digit:]][ab]\.A|(?:[ab]).\.{2}(?s:A[^a]{0,3}[a-])*?		no
[^[:digit:]][ab]\.A|(?:[ab]).\.{2}(?s:A[^a]{0,3}[a-])*?	aa_BBbAΩ-	no
c*|.\z\.b		yes
c*|.\z\.b	{c1Ω]αA	yes
.(?:\n+?\.|{.?)(?i:(?:A.[a-c])|🐱{2,}A\.)*a+?|(?:.(?s:(?:A[ab]+?bb)?c))	baaaÉ.	no
.(?:\n+?\.|{.?)(?i:(?:A.[a-c])|🐱{2,}A\.)*a+?|(?:.(?s:(?:A[ab]+?bb)?c))		no
b\101^	\nA\nc	no
b\101^	A\nBbzb]	no
\w{2,}		no
\w{2,}	a\naab\n	yes
([a-]*?ba{0,3}^)b	ba	no
([a-]*?ba{0,3}^)b	aaAB	no
(?:(?m:(cc{0}\p{^L})(?im-s:[^a]*?a[ab]A|[^\n])\.))	aAé	no
(?:(?m:(cc{0}\p{^L})(?im-s:[^a]*?a[ab]A|[^\n])\.))	ABa-	no
(?:\x41[ab]\W)(?-i:\w??)\PN	a.aA1a1a	no
(?:\x41[ab]\W)(?-i:\w??)\PN	α-baA éa	no
c[^a]{0,3}	A	no
c[^a]{0,3}	A b	no
(Aab)[^a][^[:digit:]]+?\b	ÉAccAéccA	no
(Aab)[^a][^[:digit:]]+?\b	AAcccb{A	no
[^\n](b(?s:A{2,})|[ab]{1,2}){1,2}	\nb._	no
[^\n](b(?s:A{2,})|[ab]{1,2}){1,2}	] ΩbÉA	yes
[ab]((?:\pLb{0})\.{1,2}a{0}){0}(?im-s:[ab]([^a](é+[ab]\pLa))|A*?)(?:$)	acca\nc🐱aÉ	no
[ab]((?:\pLb{0})\.{1,2}a{0}){0}(?im-s:[ab]([^a](é+[ab]\pLa))|A*?)(?:$)	cc1{	no
c	aB]a	no
c	bazαacA	yes
(?:b(?s:(?:bc{0}.\p{^L}|[^a]+A[ab]){2,}b))	b.  bbÉA	no
(?:b(?s:(?:bc{0}.\p{^L}|[^a]+A[ab]){2,}b))	éza	no
[ab]		no
[ab]	ébα1	yes
\p{^L}b	AbacbcB	no
\p{^L}b	bAA	no
(?:[\p{Greek}b][à-ÿ]A)(?:aa|([^]a])[à-ÿ]+?)\.[ab]??	ébα	no
(?:[\p{Greek}b][à-ÿ]A)(?:aa|([^]a])[à-ÿ]+?)\.[ab]??	A1bαb	no
\.	b	no
\.	c1aAΩaB	no
\.([ab]\.c){1,2}[ab]|b	É	no
\.([ab]\.c){1,2}[ab]|b	ca	no
(?:a*?Aa)\w[^\n]	cbb{A	no
(?:a*?Aa)\w[^\n]	c-1bé	no
\Bé		no
\Bé	-_	no
((c[[:alpha:]]\.){0,3}([^[:digit:]](A{0,3}.|[ab]??A[^[:digit:]]a+))A){0}A.+A	{-ba]	no
((c[[:alpha:]]\.){0,3}([^[:digit:]](A{0,3}.|[ab]??A[^[:digit:]]a+))A){0}A.+A	bc	no
.\A((?:a))	🐱	no
.\A((?:a))		no
Ab		no
Ab		no
.	cA-c	yes
.	-c]	yes
(?s:[^a][^\n]\p{^L}\.)+b[^a]{1,2}A	\nA🐱	no
(?s:[^a][^\n]\p{^L}\.)+b[^a]{1,2}A	abac	no
[\d.]c{0,3}\d[^[:digit:]]	a	no
[\d.]c{0,3}\d[^[:digit:]]	A]a\n	no
(?m:.[^]a]+?(?s:(?:a\w{2,})[ab]{1,3}?(?s:[à-ÿ]))??[^a]|\W[^a]){0,3}	bz	yes
(?m:.[^]a]+?(?s:(?:a\w{2,})[ab]{1,3}?(?s:[à-ÿ]))??[^a]|\W[^a]){0,3}	A	yes
[ab]+(?im-s:(?:(?:c{2,}b{0}b{2}é)a{1,2}[ab])*?)	].ÉAzz 	no
[ab]+(?im-s:(?:(?:c{2,}b{0}b{2}é)a{1,2}[ab])*?)	_BA1	no
.{0,3}(?:(?i:[^a]))	.	yes
.{0,3}(?:(?i:[^a]))	a_αa	yes
c{1,3}?\.	\ncc	no
c{1,3}?\.	azc	no
(?:[a-][ab]){0,3}a{,2}	c1b	no
(?:[a-][ab]){0,3}a{,2}	a_ab	no
a{,2}Ab|[ab](?m:\.)+?\x{e9}	🐱AΩbÉc	no
a{,2}Ab|[ab](?m:\.)+?\x{e9}	ébz🐱É	no
Ab|\.a*	ccA]a	no
Ab|\.a*	 -bba	no
.+?(?:[^a]+?[^a]|(?:c)(?:[ab]?))(?:(?i:(?:\p{^L})??{[^a]{1,3}?).c[^a]){0,3}b|[\p{Greek}b]	Aca.cz.	no
.+?(?:[^a]+?[^a]|(?:c)(?:[ab]?))(?:(?i:(?:\p{^L})??{[^a]{1,3}?).c[^a]){0,3}b|[\p{Greek}b]		no
[\p{Greek}b]b(?-i:.(?im-s:(?:[^a]aA){0,3})|(?:[à-ÿ]a{0}\.))|AAc(?:[ab])	.zAzcbéc	no
[\p{Greek}b]b(?-i:.(?im-s:(?:[^a]aA){0,3})|(?:[à-ÿ]a{0}\.))|AAc(?:[ab])	b	no
.{2,}(?i:a*[ab])*A	a_ccAΩ	yes
.{2,}(?i:a*[ab])*A		no
a{,2}a(?:[ab](?im-s:[ab]\.[^]a]b)[[:alpha:]]{0})	-_a{b\na	no
a{,2}a(?:[ab](?im-s:[ab]\.[^]a]b)[[:alpha:]]{0})	ÉcÉAAbc	no
\D|[ab]{0}(?:[^a]+\101){0,3}b+?	baacaAa 	yes
\D|[ab]{0}(?:[^a]+\101){0,3}b+?	🐱	yes
\w{0}(?i:.)	babAc_]	yes
\w{0}(?i:.)	cbA _	yes
a	ΩcB	no
a	1	no
[ab]c[^a]{1,2}	abAz1]	no
[ab]c[^a]{1,2}	ÉA_a\ncaA	no
[a-]*?|[a-c]{0,3}(?im-s:.[ab]|\x41*?)+?		yes
[a-]*?|[a-c]{0,3}(?im-s:.[ab]|\x41*?)+?	aa	yes
(bb(?:a{,2}(a{,2}|c\d)?)){1,3}?A[^a]	{αA aAbcc	no
(bb(?:a{,2}(a{,2}|c\d)?)){1,3}?A[^a]	{ccAzAc	no
cc?	bαa	no
cc?	🐱A🐱\naz-cc	yes
(?s:[ab]\baa)a{,2}.	Écbccb	no
(?s:[ab]\baa)a{,2}.	Ab\nc	no
(?im-s:(?:a(?:[[:alpha:]]{\PN|[]a]\Wc[a-])\D))(🐱(\d*([ab]cc\d|ba{0}\w??b))[\p{Greek}b])	_AÉ	no
(?im-s:(?:a(?:[[:alpha:]]{\PN|[]a]\Wc[a-])\D))(🐱(\d*([ab]cc\d|ba{0}\w??b))[\p{Greek}b])	a.cBA🐱	no
\W{2,}(?im-s:(?i:[ab](b{0,3}[^a]\A|[^]a]\d)+?|..{2}[^\n]?)[]a]{1,3}?|([\d.]+?)b*)[ab]b	🐱c É]aA	no
\W{2,}(?im-s:(?i:[ab](b{0,3}[^a]\A|[^]a]\d)+?|..{2}[^\n]?)[]a]{1,3}?|([\d.]+?)b*)[ab]b	bAacAcbA🐱	no
.[^a]	Baa.	yes
.[^a]		no
Aa\W{0}[^]a]{2}|(?i:c|a\.??[ab]\x41{0,3})a[ab]{1,2}\d	a	no
Aa\W{0}[^]a]{2}|(?i:c|a\.??[ab]\x41{0,3})a[ab]{1,2}\d	 αcacAaaΩ	no
[^a]c+?	abαb	no
[^a]c+?	ÉaaA-	no
.|b	b\n.{Az]a	yes
.|b	éαbÉ	yes
a	zéA1	no
a	a	yes
((.{1,2}c{0,3}A{1,2}c))?.{2,}		no
((.{1,2}c{0,3}A{1,2}c))?.{2,}	acz.b1-B{	yes
(?m:.){0}(?m:\p{^L}A)^		no
(?m:.){0}(?m:\p{^L}A)^	bb	no
[^[:digit:]]	 c  aacα	yes
[^[:digit:]]	🐱	yes
((?i:A|[^a]{0,3}[ab]b*?[ab])?(?-i:\A|(\.\w{2,}[a-c])[a-](a?))?[]a])*?	azcéA	yes
((?i:A|[^a]{0,3}[ab]b*?[ab])?(?-i:\A|(\.\w{2,}[a-c])[a-](a?))?[]a])*?	A\nBa	yes
(?-i:(.(?i:\D[^a])??)a*)*b{0}	bbc._bBa	yes
(?-i:(.(?i:\D[^a])??)a*)*b{0}	a1_	yes
.\p{^L}b\z	α-zb	no
.\p{^L}b\z	ccca	no
\B\x{e9}	\n	no
\B\x{e9}	c	no
c{b{0}		no
c{b{0}	_ ba].b	no
.🐱*|b(?i:a|A^\A(?:(\x{e9}🐱A\.)+?|(?:[^a]c\101)?\n?\.))(?i:c(?:Aa|c{0,3})){1,2}c	z cAA-éc	yes
.🐱*|b(?i:a|A^\A(?:(\x{e9}🐱A\.)+?|(?:[^a]c\101)?\n?\.))(?i:c(?:Aa|c{0,3})){1,2}c	ab]	yes
(?-i:🐱[^a]{1,3}?(?s:\.([ab]\x41?\n{1,2})a[]a]|(?s:a[^b-z]){2,}[\p{Greek}b](?-i:[ab]\101{0})(?:c{1,3}?)))	A	no
(?-i:🐱[^a]{1,3}?(?s:\.([ab]\x41?\n{1,2})a[]a]|(?s:a[^b-z]){2,}[\p{Greek}b](?-i:[ab]\101{0})(?:c{1,3}?)))	aAccbcA	no
a{0,3}	 éAécb	yes
a{0,3}		yes
\.+a((\z)|[^a][ab]{1,2}.(?m:(?im-s:\.{1,3}?A\.{2,}){2,}[ab]c|\.{2}(?:b{b{0}[a-])(?:\Qa.b\EAa\.{2})))??a	A	no
\.+a((\z)|[^a][ab]{1,2}.(?m:(?im-s:\.{1,3}?A\.{2,}){2,}[ab]c|\.{2}(?:b{b{0}[a-])(?:\Qa.b\EAa\.{2})))??a	b	no
(c.{0})[ab]b	bzacA	no
(c.{0})[ab]b	_baΩa	no
[]a]{0,3}A\wc	éb-	no
[]a]{0,3}A\wc		no
(?:🐱{1,2}\PN{1,2}[^a]+?|a{,2}([\d.]|A+)(?im-s:(?s:b+?a?A)[^a])){0}[^a][ab][^a]	aaba	no
(?:🐱{1,2}\PN{1,2}[^a]+?|a{,2}([\d.]|A+)(?im-s:(?s:b+?a?A)[^a])){0}[^a][ab][^a]	b.aaA	no
\101|\PN{.(?s:\d\101\.+)*?	éa	no
\101|\PN{.(?s:\d\101\.+)*?	.Ω🐱zéa	no
[ab]\.+	]a Bé	no
[ab]\.+	\na_a{ÉA	no
c\.{1,2}[^a]	b_Éa	no
c\.{1,2}[^a]	.]bb{	no
((?:\w$(A))\pL\x41+?)\.	c	no
((?:\w$(A))\pL\x41+?)\.	]	no
a[\d.]|.*	 ccBcA	yes
a[\d.]|.*	]a	yes
b	αAa	no
b	Ab	yes
(?:(?:[^a](?i:[ab]\W+?)[ab]|^)|[^a](?m:b*?|a{2}[a-]{0,3}){0}\x41{2,})a+?	É]bAÉ_1 	no
(?:(?:[^a](?i:[ab]\W+?)[ab]|^)|[^a](?m:b*?|a{2}[a-]{0,3}){0}\x41{2,})a+?	A	no
\.	acbAb\na	no
\.	z\nΩ	no
{|Ab(?im-s:\x41(?:[a-c]){1,2}){1,2}[^\n]	αb	no
{|Ab(?im-s:\x41(?:[a-c]){1,2}){1,2}[^\n]	B]Ac	no
\.bc	-]_ 🐱	no
\.bc	bα	no
([]a]+?[^\n]a*?)\.(?:\d??)	aa_Ba	no
([]a]+?[^\n]a*?)\.(?:\d??)	ΩaA]-aA	no
(?:[ab]\W{0,3}){2}(?s:(?im-s:[^a](?i:.[à-ÿ][^\n])+a(?im-s:\x{e9}[\p{Greek}b]+?)?))	bcbAÉ{aa	no
(?:[ab]\W{0,3}){2}(?s:(?im-s:[^a](?i:.[à-ÿ][^\n])+a(?im-s:\x{e9}[\p{Greek}b]+?)?))	 ]cccBca	no
[^a]*a|[^a].{0,3}	céAza-ca	yes
[^a]*a|[^a].{0,3}	bÉ\n1	yes
(?i:A.|[ab]A{0}((\.+?){1,3}?\p{^L}|.\.b.)[^a])[ab]*?	AAαéc🐱bA	yes
(?i:A.|[ab]A{0}((\.+?){1,3}?\p{^L}|.\.b.)[^a])[ab]*?	1AΩAa	yes
(c(?:([^a]+\x41|\.a{2}).)[ab])[ab]*(?-i:.c)*?	bΩbc🐱c	no
(c(?:([^a]+\x41|\.a{2}).)[ab])[ab]*(?-i:.c)*?		no
[\d.]	ab	no
[\d.]	A	no
[ab](a((?i:Aa\pL){1,2}.{1,2})??(?:[^a][\d.]\.|\B[^a](?s:a){2,}){1,2}(\PN)){2,}c|(?-i:[ab]\.c)?aA	acAA ]	no
[ab](a((?i:Aa\pL){1,2}.{1,2})??(?:[^a][\d.]\.|\B[^a](?s:a){2,}){1,2}(\PN)){2,}c|(?-i:[ab]\.c)?aA	cabA Ab🐱c	no
A{1,2}	bA	yes
A{1,2}		no
(\101((?s:c+)b{1,2}[ab])(a{,2}c|.(b[ab].\x41)){2,})[^a]c{0}.{1,2}	AΩazBA	no
(\101((?s:c+)b{1,2}[ab])(a{,2}c|.(b[ab].\x41)){2,})[^a]c{0}.{1,2}	bbc \nb	no
🐱??[ab]	αA]c	no
🐱??[ab]	A-{	no
[ab]\.	cAza_ABaé	no
[ab]\.	ac1bcbÉΩ	no
(?:((?:\.|[]a]{0}.{0}b)\p{^L}🐱*)A)	a	no
(?:((?:\.|[]a]{0}.{0}b)\p{^L}🐱*)A)	AAb{bcb	no
\w+[^]a]a\101	A	no
\w+[^]a]a\101	z	no
(?:b(?im-s:[^[:digit:]]+?a{0}))|\.(?:(?:A*?^)(?:a{2}(?:\.))?a+){1,3}?	aAAA\nb	no
(?:b(?im-s:[^[:digit:]]+?a{0}))|\.(?:(?:A*?^)(?:a{2}(?:\.))?a+){1,3}?	a	no
(?:\PN)\n{2}((?s:[^]a]{0,3}\.*|.+?(?-i:\n[ab][^\n]|c+?)).)+	Ωca	no
(?:\PN)\n{2}((?s:[^]a]{0,3}\.*|.+?(?-i:\n[ab][^\n]|c+?)).)+	A-Ac_cz	no
\.ba?[^a]	AÉbc	no
\.ba?[^a]	αAbc	no
(?m:b)+[\d.]*?(?i:(?im-s:c{1,2})c{2,}(?m:\x41aa|(?-i:🐱)*?a{,2})*?a{,2})	bAc]\néab🐱	no
(?m:b)+[\d.]*?(?i:(?im-s:c{1,2})c{2,}(?m:\x41aa|(?-i:🐱)*?a{,2})*?a{,2})	a	no
((?im-s:(c\na)a|b)[ab])(?s:[^a]A?|\x{e9})+?c??\.{0}|[ab]		no
((?im-s:(c\na)a|b)[ab])(?s:[^a]A?|\x{e9})+?c??\.{0}|[ab]	-zb	yes
.\B.c	cccB	yes
.\B.c	1bb]_Acb]	yes
A(A(?:(?:a{1,3}?[^a][\p{Greek}b]A))[[:alpha:]]{1,3}?(?:([^a]aA+[[:alpha:]]|.A{1,2}c)*?)+?)a\.	{AB	no
A(A(?:(?:a{1,3}?[^a][\p{Greek}b]A))[[:alpha:]]{1,3}?(?:([^a]aA+[[:alpha:]]|.A{1,2}c)*?)+?)a\.	a]	no
b\101		no
b\101	]{Aab]caA	no
(?:b){1,2}\.(?m:((?:[^a]){2,})a(?-i:[^a]+?|[^\n])\.){2}	🐱cb	no
(?:b){1,2}\.(?m:((?:[^a]){2,})a(?-i:[^a]+?|[^\n])\.){2}	aab	no
(?:(\p{^L}a)?[]a]|[ab]c{2}\Qa.b\E(?-i:[ab]A(?im-s:\B\.{1,2}|\x41)){1,2})|\.+?	bα-	no
(?:(\p{^L}a)?[]a]|[ab]c{2}\Qa.b\E(?-i:[ab]A(?im-s:\B\.{1,2}|\x41)){1,2})|\.+?	AcA	no
a{,2}	a]- a	no
a{,2}	αAb_ac_	no
$(A(?:a(^\.ca){2}(?s:{.))a+){0}[^a]	🐱b	no
$(A(?:a(^\.ca){2}(?s:{.))a+){0}[^a]	a🐱	no
A	cαBab	no
A	-	no
a{,2}	zAa	no
a{,2}	α	no
A.?(?m:(?:b)([ab][ab]\.))(?:\.(b)(?:.A+?)[ab])	AbA	no
A.?(?m:(?:b)([ab][ab]\.))(?:\.(b)(?:.A+?)[ab])	a\nAΩAA\n-c	no
a|\.{1,3}?[ab]\D??	c	no
a|\.{1,3}?[ab]\D??	c	no
(([^a])??c+(c|([^[:digit:]]+[ab]+?|[^\n]{2})\n{1,3}?{A{2}))+?A	Ωca-c-	no
(([^a])??c+(c|([^[:digit:]]+[ab]+?|[^\n]{2})\n{1,3}?{A{2}))+?A	c_.a	no
A+?\d+[ab]	aBb1-Ωac	no
A+?\d+[ab]	AAΩ.	no
(?:[ab]bc\D)(?:[]a])(?:([^]a]+[^a]{1,3}?)\.|.(?:\101??\.(c.|a{,2}\x41){2,}|\p{^L}$))^	AAa1Azb1	no
(?:[ab]bc\D)(?:[]a])(?:([^]a]+[^a]{1,3}?)\.|.(?:\101??\.(c.|a{,2}\x41){2,}|\p{^L}$))^	A	no
a([^a]?🐱|.)b{0}((a\.c{2,})(?:(\PN)a\z)c??(?i:(?-i:a*^){1,2}|b)){1,2}|c{1,2}	{cAAb]cb	yes
a([^a]?🐱|.)b{0}((a\.c{2,})(?:(\PN)a\z)c??(?i:(?-i:a*^){1,2}|b)){1,2}|c{1,2}	bB	no
\101([^a]{([^]a].c(?i:b)|(?m:\.??[a-]+?c{1,3}?|[[:alpha:]]c*A))\W)	αÉ🐱🐱	no
\101([^a]{([^]a].c(?i:b)|(?m:\.??[a-]+?c{1,3}?|[[:alpha:]]c*A))\W)	caaBc	no
A	c]bc	no
A		no
[^a]{0,3}(?im-s:[\p{Greek}b]{2}b(?i:A(?:A{1,3}?b\x{e9}\.)*?a[^a]|a{2,}\.)){0,3}	z	yes
[^a]{0,3}(?im-s:[\p{Greek}b]{2}b(?i:A(?:A{1,3}?b\x{e9}\.)*?a[^a]|a{2,}\.)){0,3}	abb	yes
\w|\Qa.b\E[ab]{2,}\n\W{2}	z_Aacc	yes
\w|\Qa.b\E[ab]{2,}\n\W{2}	bzα]🐱-	yes
\.+?é+?\d{1,2}((?:\z\pL)A)	cÉb]c	no
\.+?é+?\d{1,2}((?:\z\pL)A)	ab-b	no
[à-ÿ]{0}(?i:é{2}((?m:\W+?Ac+?\.){0,3}(?:\D{0}A??\d\PN|cA\.))*?|b?A)	{a	yes
[à-ÿ]{0}(?i:é{2}((?m:\W+?Ac+?\.){0,3}(?:\D{0}A??\d\PN|cA\.))*?|b?A)	ca 	yes
\wc(?-i:c{1,2}\.{1,2})|\.		no
\wc(?-i:c{1,2}\.{1,2})|\.	_	no
a\.	éAα]🐱	no
a\.	céA_é🐱AA1	no
(?:((b??)(a+\A)*)*){1,3}?A\.{1,2}[^a]|ac{1,2}(?:(?-i:(c{1,3}?[ab]A|[ab])(?:[^a]c.\.|[ab]c?)(?-i:c))[ab][^a]|ba)	ac	no
\x{e9}a{1,3}?(?m:(?s:b){2,}((?:.){2}\.*?(?i:b\.{2}\101.|{)(\.b)))	ÉaÉ.bac	no
\x{e9}a{1,3}?(?m:(?s:b){2,}((?:.){2}\.*?(?i:b\.{2}\101.|{)(\.b)))	cé	no
^(?:\.\.|c)	cb	yes
^(?:\.\.|c)	AAc	no
[[:alpha:]]|(?:([]a]c)?|\D{1,2})[ab]+?	🐱α..	no
[[:alpha:]]|(?:([]a]c)?|\D{1,2})[ab]+?	Ab	yes
((?-i:(?s:\w)(\D\B){1,3}?(?:.[^a]Ab|\.{1,3}?A\p{^L}é)é)\x41{1,3}?)??(?s:\PN{0})\W	a{aBcAz	yes
((?-i:(?s:\w)(\D\B){1,3}?(?:.[^a]Ab|\.{1,3}?A\p{^L}é)é)\x41{1,3}?)??(?s:\PN{0})\W	c]a c1ac	yes
(?-i:.{c)|{b{1,2}	c]A]a	no
(?-i:.{c)|{b{1,2}		no
b{2}a{2,}a|\.	cAcccA1A	no
b{2}a{2,}a|\.	 ccbÉzb	no
a		no
a	A]{acÉ	yes
[ab]	Ω.b-bB	yes
[ab]	É Azbb	yes
a\d{0,3}(?:(?-i:(?m:[^b-z]+.?[^a]|.?\pLA{1,3}?\A)[a-][a-c]\W|A){2,}(?s:[^a]é)?[\d.]).	bbÉΩA	no
a\d{0,3}(?:(?-i:(?m:[^b-z]+.?[^a]|.?\pLA{1,3}?\A)[a-][a-c]\W|A){2,}(?s:[^a]é)?[\d.]).	αAaΩAΩ B 	no
\.	a--ABc	no
\.	c\nbbc	no
b|(?:a{1,3}?A)\.a	Ébcac	yes
b|(?:a{1,3}?A)\.a		no
c{0}([\p{Greek}b])?[^]a].|.[\d.]\A^	bbAbb	yes
c{0}([\p{Greek}b])?[^]a].|.[\d.]\A^	.A🐱bbz]a	yes
(?:b{0,3}b{2}[ab]??|bb)\d(?:.)*?	ccza	no
(?:b{0,3}b{2}[ab]??|bb)\d(?:.)*?	z]\n	no
(?m:cc(?:A??)|[\d.])(?:(?im-s:[\p{Greek}b][ab]{1,2}cc*|[[:alpha:]]([^a][^a]+\101c{2,}|[ab]){1,2}[a-c])??a{0,3})é		no
(?:(?:a{^|b)[ab]{1,2}){0,3}(?im-s:[a-c]\.\W??)+?	Ω{Aaca	no
(?:(?:a{^|b)[ab]{1,2}){0,3}(?im-s:[a-c]\.\W??)+?	B1c	no
\w?\Wb{2,}	aa_b	no
\w?\Wb{2,}	ca.Aa_	no
(b+?[^\n]{2}(?:(?:.\n{0,3}[^b-z]\.)|.[ab])\A)\101	]1	no
(b+?[^\n]{2}(?:(?:.\n{0,3}[^b-z]\.)|.[ab])\A)\101	bAcÉcAAaA	no
c	b bA1cab	yes
c	\nAc	yes
é([ab]\.a(?s:(A[ab]){0,3}A(?im-s:b)?(?s:[^a]?.*?)))+?	b ΩÉccc	no
é([ab]\.a(?s:(A[ab]){0,3}A(?im-s:b)?(?s:[^a]?.*?)))+?	]Éacabc.z	no
(?:é{0}\bbc{1,2})	b.bAaca	no
(?:é{0}\bbc{1,2})	ΩBcc	no
[^a]??\W*?(?:(\Qa.b\E(🐱\x{e9}\d{1,3}?a{,2})|a\PN{2}){1,3}?)	a-A]z	yes
[^a]??\W*?(?:(\Qa.b\E(🐱\x{e9}\d{1,3}?a{,2})|a\PN{2}){1,3}?)	cA	no
a	zcAab	yes
a	bB	no
(?:\.{2,}a[^a])(?i:[^a]((?:.|ac+?.){0})[^a]A|\PN*?\.+?(?:A??[à-ÿ].[a-])\B){0}\d|.*?	ca🐱	yes
(?:\.{2,}a[^a])(?i:[^a]((?:.|ac+?.){0})[^a]A|\PN*?\.+?(?:A??[à-ÿ].[a-])\B){0}\d|.*?	bbbb 	yes
(?-i:(?im-s:a)+.??)+?(.{2,}(?:(?:[^a][ab]{2}|\p{^L})\.*|[\d.](?s:[]a]).)\d[^a]){0}	cA	yes
(?-i:(?im-s:a)+.??)+?(.{2,}(?:(?:[^a][ab]{2}|\p{^L})\.*|[\d.](?s:[]a]).)\d[^a]){0}	1.bΩb\na	yes
\x41*?c\B		no
\x41*?c\B	ÉΩ{-bé	no
[^a]{1,2}\.\.{0,3}|[ab]	b	yes
[^a]{1,2}\.\.{0,3}|[ab]	\n🐱]cΩcAa	yes
[a-c]{2,}b(?s:[a-]\.|ac.([^a]))a	AacAb_b	no
[a-c]{2,}b(?s:[a-]\.|ac.([^a]))a	A	no
b[^a]	éAAΩ	no
b[^a]	_BbAAαA🐱	yes
(A|aA)	AcAAααcb	yes
(A|aA)	b_b_b1	no
c|🐱	bΩ-aa-bA	no
c|🐱		no
a{0}	ABcAaaBcB	yes
a{0}	Ωac1aa]b\n	yes
(?m:(c{0}(?:a|[ab]??a)*(?:.{2,}){1,3}?a|\x41*)?$|((\BAc*?)?(?:aA^A)*[^a])?.)	🐱aA-\na-Ba	yes
(?m:(c{0}(?:a|[ab]??a)*(?:.{2,}){1,3}?a|\x41*)?$|((\BAc*?)?(?:aA^A)*[^a])?.)	abAb🐱ac	yes
(?:\W)|A.(?:c.+\.{2,}|(?im-s:[^a]bé)b[^a](a|(?m:Ab*?)))	 bÉaA	yes
(?:\W)|A.(?:c.+\.{2,}|(?im-s:[^a]bé)b[^a](a|(?m:Ab*?)))	_zAa	no
.bé|A??[^a]+[\d.]	a_bα {bba	no
.bé|A??[^a]+[\d.]		no
c(.+){2,}	A.b	no
c(.+){2,}	acAb-bA	yes
.(?:[a-c])+	B_c b	yes
.(?:[a-c])+	A.A🐱Aacb\n	yes
[\p{Greek}b][^a]{0,3}A|[^[:digit:]]bc	c	no
[\p{Greek}b][^a]{0,3}A|[^[:digit:]]bc	AaAα	no
\n(.{0}(?im-s:[ab]{2}b(?-i:a{2,}[ab]🐱|cc)??|\101{2}(Ac\.{2,})?[^a]){0})|\A	aAb🐱aa	yes
\n(.{0}(?im-s:[ab]{2}b(?-i:a{2,}[ab]🐱|cc)??|\101{2}(Ac\.{2,})?[^a]){0})|\A		yes
(?s:.[[:alpha:]][^a]|(A(c[^a]{0,3}|é{0}[^a]*[ab])??))(?m:[^]a]c)*?(?:.??(?im-s:\.(?:.)??\x{e9}A)){0,3}	Aαc	yes
(?s:.[[:alpha:]][^a]|(A(c[^a]{0,3}|é{0}[^a]*[ab])??))(?m:[^]a]c)*?(?:.??(?im-s:\.(?:.)??\x{e9}A)){0,3}	Ω .	no
\w[^a](?m:\.[ab]|\.?)	Ω	no
\w[^a](?m:\.[ab]|\.?)		no
\.(?im-s:(?i:(.[ab]\.{1,2}|\n*?c\PN)[ab]+?|(b+?\.\.a))+?\PN*[^a][]a]|a{0})	c-caa\nc_	no
\.(?im-s:(?i:(.[ab]\.{1,2}|\n*?c\PN)[ab]+?|(b+?\.\.a))+?\PN*[^a][]a]|a{0})	cac.b	yes
b*?[ab]*[ab]	Aa_	yes
b*?[ab]*[ab]	cAcbAéb🐱	yes
b??b?a	.A	no
b??b?a	aaaαac{	yes
\D	  baA]	yes
\D	A1	yes
[^a][ab].{0}(b[^\n])	a	no
[^a][ab].{0}(b[^\n])	 z]c🐱cαza	no
\x{e9}.*?|b(?-i:([^\n]A[^a])(A(?-i:ab).*|(?:\.A\x{e9}[ab])+))	ÉbA αAa	no
\x{e9}.*?|b(?-i:([^\n]A[^a])(A(?-i:ab).*|(?:\.A\x{e9}[ab])+))		no
\.+[^[:digit:]]*	aÉzbac\n_	no
\.+[^[:digit:]]*	bAc{cAA	no
a{,2}(?-i:(\p{^L}\Qa.b\E|.){1,3}?[[:alpha:]]c)	aA É]ac	no
a{,2}(?-i:(\p{^L}\Qa.b\E|.){1,3}?[[:alpha:]]c)	bAA1	no
b??(?:(?:(?:cbc[^a]))b\A)*A|([ab]((?:a+\.\x41|\pL)(c{2,}b.|\D)b(?-i:A??|[^a])??)??A)[ab]\.🐱	baAAacAb🐱	yes
b??(?:(?:(?:cbc[^a]))b\A)*A|([ab]((?:a+\.\x41|\pL)(c{2,}b.|\D)b(?-i:A??|[^a])??)??A)[ab]\.🐱	AAb	yes
a[^a][a-]|[ab]*?	ÉAα	yes
a[^a][a-]|[ab]*?	bAccAéccA	yes
\.\x{e9}[^\n]{0}	Ωb1aaÉca	no
\.\x{e9}[^\n]{0}	1	no
[ab]		no
[ab]	ÉAbz]\nÉbA	yes
\PN(?m:b([ab](?s:[ab]\Qa.b\E*b+?){1,2}A)?)(b\B(?m:\.é)*)|{[ab](?im-s:.[^\n]+?|(\..c|b*?\p{^L})b)[ab]{2}		no
a??[ab][ab]{1,3}?\d{0,3}	\n{éA-\ncac	no
a??[ab][ab]{1,3}?\d{0,3}	AAééaaba	yes
[^a]{2}[^]a]|(?:(Aa[ab])((?im-s:[^a]+?a*[ab]|[^a]))??(?i:(\pLb{0,3})*é(?i:\.{1,2}|a{0}A..)[^]a]|[ab](?:\A)))	.b	no
[^a]{2}[^]a]|(?:(Aa[ab])((?im-s:[^a]+?a*[ab]|[^a]))??(?i:(\pLb{0,3})*é(?i:\.{1,2}|a{0}A..)[^]a]|[ab](?:\A)))	Éé	no
\.|\BA	ba ]b🐱	no
\.|\BA	1aéaA{	yes
\.??|\.+A{2}b(?-i:\.(?-i:\pL{0}\W(?-i:a{0,3})[ab]{1,2}|c(?:{)){2}(?-i:A[a-])??)	b{	yes
\.??|\.+A{2}b(?-i:\.(?-i:\pL{0}\W(?-i:a{0,3})[ab]{1,2}|c(?:{)){2}(?-i:A[a-])??)	A]Acbzc	yes
\n{2,}(?:b)[]a]	a	no
\n{2,}(?:b)[]a]	caaαA	no
c([ab]+?c{0,3})[ab]{1,2}	Éa	no
c([ab]+?c{0,3})[ab]{1,2}	A	no
ca[à-ÿ](?i:ca|\.\D\.(🐱\x{e9}(\PN[ab])))|\.	]AαAΩAbΩ	no
ca[à-ÿ](?i:ca|\.\D\.(🐱\x{e9}(\PN[ab])))|\.		no
a\.\W(\pL{2,}\.{0}|b+(?:(?s:\.\pL{1,2})(?:\p{^L}c|[^a]{0})+?[]a]*?[^\n]+?|A{1,2}ac(?:b*?[^a]{0,3})+){0}[ab])	c	no
c		no
c	cbbc	yes
\101{0,3}(?s:a(?:.{1,2}([ab])b*A*?)\pL??{|A\x41)|A[^a]	c aΩ	no
\101{0,3}(?s:a(?:.{1,2}([ab])b*A*?)\pL??{|A\x41)|A[^a]	Bca cΩA	no
(\pL|(?m:.+?[a-][^]a][^a]){0}c+[^]a])c+\Bb	aa	no
(\pL|(?m:.+?[a-][^]a][^a]){0}c+[^]a])c+\Bb		no
\x41	AA1cb	yes
\x41	..bc	no
[^a]?		yes
[^a]?	aa_cB	yes
\b	a🐱	yes
\b	.AcacÉb	yes
[^a][ab]{2,}(c(?:b(\pL))|(?:(?:cA[ab]+[^a]+?)\w|(?:A[ab]|b[ab])?[ab].+[\d.]){1,2}\.$)|[ab]a	bécBa	no
[^a][ab]{2,}(c(?:b(\pL))|(?:(?:cA[ab]+[^a]+?)\w|(?:A[ab]|b[ab])?[ab].+[\d.]){1,2}\.$)|[ab]a		no
A(?:\p{^L}[ab])	cbA	no
A(?:\p{^L}[ab])	ab	no
(c){0,3}(?-i:(?im-s:(?:[ab][a-c]){1,3}?\.)[^b-z]{0}([ab][ab]\D*?)*?)$\x41	Ω1bb{BccA	no
(c){0,3}(?-i:(?im-s:(?:[ab][a-c]){1,3}?\.)[^b-z]{0}([ab][ab]\D*?)*?)$\x41		no
{\z	Acb	no
{\z	acAbabAbb	no
a*A{1,3}?	ac1_bAA.A	yes
a*A{1,3}?	AA1αa🐱	yes
(?-i:[^a](?:\x41??\w{0}|c+)\.(?s:a(?:\101cb?)\.)|cé+?)c??(?:\.[à-ÿ]*)[^a]?|[ab]*?.+\A	é{ Ac	no
(?-i:[^a](?:\x41??\w{0}|c+)\.(?s:a(?:\101cb?)\.)|cé+?)c??(?:\.[à-ÿ]*)[^a]?|[ab]*?.+\A	_Ac	no
[^b-z]Ac{2,}a	-]\nAaca	no
[^b-z]Ac{2,}a	]Ac 	no
ab{0}[^a]([^a]*?A{2,}[ab]){0}	 c.	no
ab{0}[^a]([^a]*?A{2,}[ab]){0}	aB 	yes
((?:aab)|\p{^L}[^a]+?\.[\p{Greek}b])(?:(?s:\.?|\w+?(?-i:[\p{Greek}b].\W?)??)*?)	BcÉc]a	no
((?:aab)|\p{^L}[^a]+?\.[\p{Greek}b])(?:(?s:\.?|\w+?(?-i:[\p{Greek}b].\W?)??)*?)	Ac	no
[ab]c	]AAéb	no
[ab]c	a{]AAAa	no
c[^b-z].	Aα	no
c[^b-z].	B	no
.+?\.?c{1,3}?|[^a](?im-s:b{2,}(?s:(c.|[a-c]*)A[a-c]b*?)^){1,2}	c-é._AAcb	yes
.+?\.?c{1,3}?|[^a](?im-s:b{2,}(?s:(c.|[a-c]*)A[a-c]b*?)^){1,2}	b{a	no
[^\n]b{1,3}?	bbαc-	yes
[^\n]b{1,3}?	bbB]aAAb	yes
b{1,3}?	bΩ 	yes
b{1,3}?	Ω	no
a??	Ab acAc	yes
a??	baé	yes
(?:\PN?A[à-ÿ])	Ab{cac-bA	no
(?:\PN?A[à-ÿ])	Éa	no
(?:A{2}\d{1,2}A|[^a](c??|a*c(.A[^a])))	Ω	yes
(?:A{2}\d{1,2}A|[^a](c??|a*c(.A[^a])))	a	no
b*	baÉz{c	yes
b*	αAcΩ	yes
\.[à-ÿ]	a_{_.a	no
\.[à-ÿ]	cc	no
(?:c)??\B.+	z{aAcab	yes
(?:c)??\B.+	aA	yes
\wa	zAαΩ	no
\wa	1 AbB1	no
a[^a](.|\.){2}|a.[^a]	baAAa	yes
a[^a](.|\.){2}|a.[^a]	αAa\nAAbAA	yes
c	AAéaczbA	yes
c	\n	no
(?:c*.{2,}b)(a\Qa.b\E|.[ab])\.[a-]	 	no
(?:c*.{2,}b)(a\Qa.b\E|.[ab])\.[a-]	.AbB.ccb	no
a	cc{a-aAB_	yes
a	c🐱]AéB	no
(?i:\n[^]a])	b1🐱a1	no
(?i:\n[^]a])		no
A.A*?|A[^a]		no
A.A*?|A[^a]	aaBcaacA	no
\z[^\n](é)	a_. 	no
\z[^\n](é)	cAA	no
b	a	no
b	c	no
\PN(?:a{,2}|b)|[a-]*?([[:alpha:]](?i:a(?m:[[:alpha:]].A))*?)*		yes
\PN(?:a{,2}|b)|[a-]*?([[:alpha:]](?i:a(?m:[[:alpha:]].A))*?)*	bzéc	yes
$[^a]\B	Ω1	no
$[^a]\B		no
(?m:((?s:[^a]b[^a][^a]|.?[a-c]\.)c*?(A?a)(\x41){1,2})??.|[^a]*([a-c]\.\b)((?:.)??|([ab])))	🐱c	yes
(?m:((?s:[^a]b[^a][^a]|.?[a-c]\.)c*?(A?a)(\x41){1,2})??.|[^a]*([a-c]\.\b)((?:.)??|([ab])))	aÉz]zb	yes
aa(?:\z(?s:aA*(?m:.[ab]A{1,2}|b[ab]A)?)*?){2}	-	no
aa(?:\z(?s:aA*(?m:.[ab]A{1,2}|b[ab]A)?)*?){2}	c\ncÉ	no
\.|.a\d{1,3}?\Qa.b\E+	bA	no
\.|.a\d{1,3}?\Qa.b\E+		no
🐱{0}|(Ab)*\Qa.b\E(?:\.){0}🐱	a-a	yes
🐱{0}|(Ab)*\Qa.b\E(?:\.){0}🐱	AAcc]Ac🐱	yes
[[:alpha:]]?\d{0}|a	éb1ΩΩcacA	yes
[[:alpha:]]?\d{0}|a	acb	yes
[ab]a??[]a](?:\Qa.b\E\pL|ac(?im-s:[ab]\p{^L}(?i:\.|A+?b🐱+?){1,2}|{))	\nA	no
[ab]a??[]a](?:\Qa.b\E\pL|ac(?im-s:[ab]\p{^L}(?i:\.|A+?b🐱+?){1,2}|{))	bb🐱1aA	no
\dA	]acΩ🐱AAbα	no
