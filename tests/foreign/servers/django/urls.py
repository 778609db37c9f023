"""The paths of the project."""

from django.urls import path
from listing import views

urlpatterns = [
    path("api/token", views.CreateToken.as_view()),
    path("api/integrations/provider", views.ProviderList.as_view()),
]
