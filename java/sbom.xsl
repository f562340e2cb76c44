<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Completes the list of components that Maven knows (CycloneDX) with what is linked into libcordon.so. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:b="http://cyclonedx.org/schema/bom/1.6" xmlns="http://cyclonedx.org/schema/bom/1.6" exclude-result-prefixes="b">
  <xsl:output encoding="UTF-8" />
  <xsl:param name="libseccomp" />
  <xsl:variable name="purl" select="concat('pkg:generic/libseccomp@', $libseccomp)" />

  <xsl:template match="@*|node()">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()" />
    </xsl:copy>
  </xsl:template>

  <xsl:template match="/b:bom/b:components">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()" />
      <component type="library" bom-ref="{$purl}">
        <name>libseccomp</name>
        <version><xsl:value-of select="$libseccomp" /></version>
        <description>Linked into natives/*/libcordon.so of cordon-core</description>
        <scope>required</scope>
        <licenses>
          <license>
            <id>LGPL-2.1-only</id>
          </license>
        </licenses>
        <cpe>cpe:2.3:a:libseccomp_project:libseccomp:<xsl:value-of select="$libseccomp" />:*:*:*:*:*:*:*</cpe>
        <purl><xsl:value-of select="$purl" /></purl>
      </component>
    </xsl:copy>
  </xsl:template>

  <!-- Of an earlier build: the plugin leaves a file alone whose components are the same. -->
  <xsl:template match="b:component[b:name = 'libseccomp']|b:dependency[contains(@ref, '/libseccomp@')]" priority="1" />

  <!-- The first level: a dependency's own dependencies are its children. -->
  <xsl:template match="/b:bom/b:dependencies/b:dependency">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()" />
      <xsl:if test="starts-with(@ref, 'pkg:maven/io.cordon/cordon-core@')">
        <dependency ref="{$purl}" />
      </xsl:if>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="/b:bom/b:dependencies">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()" />
      <dependency ref="{$purl}" />
    </xsl:copy>
  </xsl:template>

  <!-- "The BSD License" of jline's POMs is taken for the one with four clauses. -->
  <xsl:template match="b:component[b:group = 'org.jline']//b:license/b:id/text()">BSD-3-Clause</xsl:template>
</xsl:stylesheet>
