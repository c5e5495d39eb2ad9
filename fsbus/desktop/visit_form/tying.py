"""Ties the signals of a visit form to its presenter, whatever the form is opened for."""

from fsbus.desktop.visit_form.form import FormPresenter
from fsbus.desktop.visit_form.view import VisitFormView


def tie(view: VisitFormView, presenter: FormPresenter) -> None:
    """Let the presenter hear all that the agent wants of this form."""
    view.save_requested.connect(presenter.save)
    view.cancel_requested.connect(presenter.cancel)
    view.add_requested.connect(presenter.add_procedure)
    view.remove_requested.connect(presenter.remove_procedure)
    view.procedure_searched.connect(presenter.search_procedures)
    view.procedure_picked.connect(presenter.pick_procedure)
    view.details_wanted.connect(presenter.want_details)
    view.card_changed.connect(presenter.refresh_parts)
    view.channel_changed.connect(presenter.refresh_every_part)
    view.commune_searched.connect(presenter.search_communes)
    view.stop_searched.connect(presenter.search_stops)
