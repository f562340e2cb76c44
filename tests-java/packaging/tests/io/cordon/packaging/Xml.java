// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** An element of a POM or of a list of components. */
record Xml(Element element) {
  static Xml read(Path file) throws IOException {
    try {
      var factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return new Xml(factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement());
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException(file.toString(), e);
    }
  }

  /** Its children of that name. */
  Stream<Xml> all(String name) {
    NodeList nodes = element.getChildNodes();
    return IntStream.range(0, nodes.getLength()).mapToObj(nodes::item).filter(Element.class::isInstance)
        .map(node -> new Xml((Element) node)).filter(child -> child.element.getTagName().equals(name));
  }

  /** The descendants at the end of a path of names. */
  List<Xml> path(String... names) {
    Stream<Xml> found = Stream.of(this);
    for (String name : names) {
      found = found.flatMap(parent -> parent.all(name));
    }
    return found.toList();
  }

  /** The text of the first child of that name. */
  Optional<String> text(String name) {
    return all(name).findFirst().map(Xml::element).map(Node::getTextContent).map(String::strip);
  }

  String attribute(String name) {
    return element.getAttribute(name);
  }
}
